'use client';
// Many sources at once: a network or a pasted table, looked at before it is made.
import type { ConfigPlan } from '@sluice/contract/api';
import { useRef, useState } from 'react';
import { PlanView } from '@/config/diff.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Button } from '@/ui/button.tsx';
import { Choice } from '@/ui/choice.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, TextField } from '@/ui/field.tsx';

const kinds = ['network', 'table'] as const;
type Kind = (typeof kinds)[number];

function fromOf(form: FormData) {
  if (textOf(form, 'kind') === 'table') return { kind: 'table' as const, csv: textOf(form, 'csv'), ehlo: textOf(form, 'ehlo') };
  return {
    kind: 'network' as const,
    cidr: textOf(form, 'cidr'),
    name: textOf(form, 'name'),
    ehlo: textOf(form, 'ehlo'),
    node: textOf(form, 'node') || null,
  };
}

function Fields() {
  const client = useTRPCClient();
  const [kind, setKind] = useState<Kind>('network');
  const [plan, setPlan] = useState<ConfigPlan | null>(null);
  const [problem, setProblem] = useState('');
  const here = useRef<HTMLDivElement>(null);
  const look = async (): Promise<void> => {
    const form = here.current?.closest('form');
    if (!form) return;
    setPlan(null);
    setProblem('');
    try {
      const input = { from: fromOf(new FormData(form)), dryRun: true, reason: 'looked at what it would make' };
      setPlan((await client.sources.bulk.mutate(input)).plan);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'The console did not answer.');
    }
  };
  return (
    <div ref={here} className="space-y-4">
      <Choice label="From" value={kind} options={kinds} onChange={setKind} />
      <input type="hidden" name="kind" value={kind} />
      {kind === 'network' ? (
        <>
          <TextField label="Network" name="cidr" required placeholder="192.0.2.0/28" />
          <TextField
            label="Names"
            name="name"
            required
            maxLength={80}
            defaultValue="bulk-{n}"
            hint="{n} is the number of the address, {address} the address."
          />
          <TextField label="EHLO names" name="ehlo" required placeholder="mta{n}.example.com" />
          <TextField label="Node" name="node" maxLength={64} hint="Empty means every node." />
        </>
      ) : (
        <>
          <Field label="Table" hint="One source a line: name, address, bind, ehlo, node, enabled. A first line may name the columns.">
            {(ids) => <textarea name="csv" required rows={6} className={classes(inputLook, 'h-auto py-1.5 font-mono text-xs')} {...ids} />}
          </Field>
          <TextField label="EHLO names of lines without one" name="ehlo" placeholder="mta{n}.example.com" />
        </>
      )}
      <Button onClick={() => void look()}>Show what it would do</Button>
      {problem !== '' && (
        <p role="alert" className="rounded-md bg-bad-soft p-3 text-sm text-bad-text">
          {problem}
        </p>
      )}
      {plan && <PlanView plan={plan} label="Sources that would be made" />}
    </div>
  );
}

export function BulkSources() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Many at once"
      title="Many sources at once"
      touches="Makes sources that no pool uses yet. A name that exists already is changed, not doubled."
      confirm="Make the sources"
      run={async (form, reason) => {
        const { plan, revision } = await client.sources.bulk.mutate({ from: fromOf(form), dryRun: false, reason });
        return { done: `${plan.counts.add} made, ${plan.counts.change} changed with revision ${revision ?? '—'}.` };
      }}
    >
      <Fields />
    </ActionDialog>
  );
}
