'use client';
// Giving a command about the mail of a scope: what it does in a sentence, what it matches now, and, for what cannot be undone, the count
// typed by hand. The server counts again.
import { useState } from 'react';
import { isEnding, type CommandScope } from '@sluice/contract';
import { holdSeconds } from '@sluice/contract/api';
import { clockUtc } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { EntityField } from '@/entities/entity-field.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, Refused, textOf } from '@/ui/action-dialog.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { DurationField } from './duration-field.tsx';
import { Touches } from './touches.tsx';

const kinds = ['suspend', 'resume', 'retry', 'move', 'cancel', 'bounce'] as const;
type Kind = (typeof kinds)[number];
const labels: Record<Kind, string> = {
  suspend: 'Suspend',
  resume: 'Resume',
  retry: 'Retry now',
  move: 'Move to another pool',
  cancel: 'Drop mail (cancel)',
  bounce: 'Return mail (bounce)',
};
const meaning: Record<Kind, string> = {
  suspend: 'Holds the mail, new mail too, until the time is up. No attempt is counted.',
  resume: 'Ends suspensions of this mail before their time.',
  retry: 'Makes what waits for its next attempt due now, once, and lets paths that rest try again.',
  move: 'Mail that waits now leaves through the other pool while this lasts.',
  cancel: 'Drops what waits now as it comes due. Each entry ends with a record; senders are not told. It cannot be undone.',
  bounce: 'Returns what waits now as it comes due, with your reason. It cannot be undone.',
};
const lasting: readonly Kind[] = ['suspend', 'move'];

function confirmed(form: FormData): number {
  const text = textOf(form, 'confirm');
  if (!/^\d{1,9}$/.test(text)) throw new Refused('Type the number of entries that it touches.');
  return Number(text);
}

export function CommandDialog({ scope, about, label }: { scope: CommandScope; about: string; label: string }) {
  const client = useTRPCClient();
  const [kind, setKind] = useState<Kind>('suspend');
  const mayPurge = useMay('commands.purge');
  return (
    <ActionDialog
      trigger="Command"
      triggerLabel={label}
      danger={isEnding(kind)}
      title={`Command ${about}`}
      touches={meaning[kind]}
      confirm={labels[kind]}
      run={async (form, reason) => {
        const { startsAt, expiresAt } = isEnding(kind)
          ? await client.commands.purge.mutate({ kind, scope, reason, confirm: confirmed(form) })
          : await client.commands.issue.mutate({
              ...{ kind, scope, reason },
              ...(lasting.includes(kind) ? { minutes: numberOf(form, 'minutes') } : {}),
              ...(kind === 'move' ? { poolId: textOf(form, 'poolId') } : {}),
            });
        if (startsAt !== null)
          return { done: `Given. It begins at ${clockUtc(startsAt)}; until then Withdraw, among the commands, undoes it.` };
        return {
          done:
            lasting.includes(kind) && expiresAt !== null
              ? `Given, until ${clockUtc(expiresAt)}.`
              : 'Given. Nodes apply it within a second.',
        };
      }}
    >
      <SelectField
        label="What to do"
        name="kind"
        value={kind}
        onChange={(event) => setKind(kinds.find((one) => one === event.target.value) ?? kind)}
      >
        {kinds.map((one) => (
          <option key={one} value={one} disabled={isEnding(one) && !mayPurge}>
            {labels[one]}
            {isEnding(one) && !mayPurge ? ': for Admins' : ''}
          </option>
        ))}
      </SelectField>
      <Touches kind={kind} scope={scope} />
      {kind === 'move' && <EntityField kind="pool" label="To pool" name="poolId" />}
      {lasting.includes(kind) && <DurationField />}
      {isEnding(kind) && (
        <TextField
          label="Type the number of entries"
          name="confirm"
          inputMode="numeric"
          required
          hint={`It begins ${holdSeconds} seconds after it is given and can be withdrawn until then.`}
        />
      )}
    </ActionDialog>
  );
}
