'use client';
// Starting and stopping a trace.
import Link from 'next/link';
import { useState } from 'react';
import type { CommandScope } from '@sluice/contract';
import { filterOf, filterDimensions, type FilterDimension } from '@/queues/filter.ts';
import { entityKinds } from '@/entities/entities.ts';
import { EntityField } from '@/entities/entity-field.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, Refused, textOf } from '@/ui/action-dialog.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';

const minutes = [1, 5, 10, 30, 60];
const touches = 'Shows commands and replies of SMTP sessions, never messages. It ends by itself and delivers nothing slower.';

function Bounds() {
  return (
    <>
      <SelectField label="For" name="minutes" defaultValue="10">
        {minutes.map((one) => (
          <option key={one} value={one}>
            {one === 1 ? '1 minute' : `${one} minutes`}
          </option>
        ))}
      </SelectField>
      <div className="grid grid-cols-2 gap-3">
        <TextField label="Sessions a node" name="sessions" type="number" min={1} max={100} defaultValue={20} required />
        <TextField label="Lines a node" name="lines" type="number" min={1} max={10_000} defaultValue={2_000} required />
      </div>
    </>
  );
}

function ScopeFields() {
  const [by, setBy] = useState<FilterDimension>('domain');
  const kind = entityKinds.find((one) => one === by);
  return (
    <div className="grid grid-cols-2 gap-3">
      <SelectField
        label="Sessions by"
        name="by"
        value={by}
        onChange={(event) => setBy(filterDimensions.find((one) => one === event.target.value) ?? by)}
      >
        {filterDimensions.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </SelectField>
      {kind ? (
        <EntityField key={kind} kind={kind} label="Which" name="value" />
      ) : (
        <TextField label="Which" name="value" required maxLength={300} spellCheck={false} key={by} />
      )}
    </div>
  );
}

function scopeOf(form: FormData): CommandScope {
  const by = filterDimensions.find((one) => one === textOf(form, 'by')) ?? 'domain';
  const { scope, problem } = filterOf(by, textOf(form, 'value'));
  if (scope === null) throw new Refused(problem ?? 'Name what the trace is to show.');
  return scope;
}

/** Asks what to trace unless `scope` says it. */
export function StartTrace({ scope, about, label }: { scope?: CommandScope; about?: string; label?: string }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger={scope ? 'Trace' : 'Start a trace'}
      triggerLabel={label}
      triggerLook={scope ? 'plain' : 'primary'}
      title={about === undefined ? 'Start a trace' : `Trace ${about}`}
      touches={touches}
      confirm="Start"
      run={async (form, reason) => {
        const bounds = { minutes: numberOf(form, 'minutes'), sessions: numberOf(form, 'sessions'), lines: numberOf(form, 'lines') };
        const { traceId } = await client.traces.start.mutate({ scope: scope ?? scopeOf(form), ...bounds, reason });
        const more = (
          <p className="text-sm">
            <Link href={`/traces/${traceId}`} className="font-medium text-accent-strong underline">
              Watch it
            </Link>
          </p>
        );
        return { done: 'Started. Lines show up within a second of what happens.', more };
      }}
    >
      {scope === undefined && <ScopeFields />}
      <Bounds />
    </ActionDialog>
  );
}

export function StopTrace({ id, about, running }: { id: string; about: string; running: boolean }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={running}
      trigger="Stop"
      triggerLabel={`Stop the trace of ${about}`}
      title={`Stop the trace of ${about}`}
      touches="Its lines stay for some hours."
      confirm="Stop"
      run={async (_form, reason) => {
        await client.traces.stop.mutate({ id, reason });
        return { done: 'Stopped.' };
      }}
    />
  );
}
