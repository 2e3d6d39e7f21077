'use client';
// The configuration as YAML: taken out, and put in again after a look at what it would do. A text that was planned is applied against the
// very revision that the plan was made on.
import type { ConfigPlan } from '@sluice/contract/api';
import { useState, type ChangeEvent } from 'react';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, SelectField, TextField } from '@/ui/field.tsx';
import { hasErrors, PlanView } from './diff.tsx';
import { LockField } from './roll-back.tsx';

function saveAs(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Export() {
  const client = useTRPCClient();
  const [said, setSaid] = useState('');
  const take = async (): Promise<void> => {
    try {
      const { revision, text } = await client.config.export.query({});
      saveAs(`sluice-${revision}.yaml`, text);
      setSaid(`Revision ${revision} was saved.`);
    } catch {
      setSaid('It could not be exported. Try again.');
    }
  };
  return (
    <Card title="Take it out">
      <div className="flex flex-wrap items-center gap-3">
        <Button look="primary" onClick={() => void take()}>
          Export as YAML
        </Button>
        <p role="status" className="text-sm text-muted">
          {said || 'All sections, sorted, without secrets: a key or password is named, never shown.'}
        </p>
      </div>
    </Card>
  );
}

type Mode = 'replace' | 'merge';

function Apply({ text, mode, plan }: { text: string; mode: Mode; plan: ConfigPlan }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Apply"
      triggerLook="primary"
      title={`Apply on revision ${plan.baseRevision}`}
      touches={`${plan.counts.add} to add, ${plan.counts.change} to change, ${plan.counts.remove} to remove, as one revision.`}
      confirm="Apply the text"
      danger={plan.counts.remove > 0}
      run={async (form, reason) => {
        const lock = textOf(form, 'lock');
        const input = { text, mode, baseRevision: plan.baseRevision, reason, ...(lock !== '' && { lock }) };
        const { revision } = await client.config.applyText.mutate(input);
        return { done: `Applied as revision ${revision}.` };
      }}
    >
      <LockField />
    </ActionDialog>
  );
}

function Save({ text, mode, plan }: { text: string; mode: Mode; plan: ConfigPlan }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Save as draft"
      title="Save as draft"
      touches="Nothing changes yet. The draft can be published later, by you or by somebody else who may."
      confirm="Save the draft"
      askReason={false}
      run={async (form) => {
        await client.config.saveDraft.mutate({ name: textOf(form, 'name'), text, mode, baseRevision: plan.baseRevision });
        return { done: 'Saved under Drafts.' };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} />
    </ActionDialog>
  );
}

export function ConfigText() {
  const client = useTRPCClient();
  const [text, setText] = useState('');
  const [mode, setMode] = useState<Mode>('replace');
  const [plan, setPlan] = useState<ConfigPlan | null>(null);
  const [problem, setProblem] = useState('');
  const [working, setWorking] = useState(false);
  const change = (next: string): void => {
    setText(next);
    setPlan(null);
  };
  const upload = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [file] = event.target.files ?? [];
    if (file) change(await file.text());
  };
  const look = async (): Promise<void> => {
    setWorking(true);
    setProblem('');
    try {
      setPlan(await client.config.planText.mutate({ text, mode }));
    } catch (error) {
      setPlan(null);
      setProblem(error instanceof Error ? error.message : 'The console did not answer.');
    } finally {
      setWorking(false);
    }
  };
  return (
    <div className="space-y-4">
      <Export />
      <Card title="Put it in">
        <div className="space-y-3">
          <Field label="YAML" hint="Begin with an export. The first line is sluice: 1.">
            {(ids) => (
              <textarea
                rows={14}
                spellCheck={false}
                value={text}
                onChange={(event) => change(event.target.value)}
                className={classes(inputLook, 'h-auto py-1.5 font-mono text-xs')}
                {...ids}
              />
            )}
          </Field>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label="Or a file">
              {(ids) => (
                <input type="file" accept=".yaml,.yml,text/yaml" onChange={(event) => void upload(event)} className="text-sm" {...ids} />
              )}
            </Field>
            <SelectField
              label="What it leaves out"
              value={mode}
              onChange={(event) => {
                setMode(event.target.value === 'merge' ? 'merge' : 'replace');
                setPlan(null);
              }}
            >
              <option value="replace">is removed from the sections it has</option>
              <option value="merge">stays as it is</option>
            </SelectField>
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <Button look={plan ? 'plain' : 'primary'} disabled={working || text.trim() === ''} onClick={() => void look()}>
              {working ? 'Working…' : 'Show what it would do'}
            </Button>
            {plan && plan.total > 0 && !hasErrors(plan) && (
              <>
                <Apply text={text} mode={mode} plan={plan} />
                <Save text={text} mode={mode} plan={plan} />
              </>
            )}
          </div>
          {problem !== '' && (
            <p role="alert" className="rounded-md bg-bad-soft p-3 text-sm text-bad-text">
              {problem}
            </p>
          )}
        </div>
      </Card>
      {plan && (
        <Card title="What it would do">
          <PlanView plan={plan} label="What would change" />
        </Card>
      )}
    </div>
  );
}
