'use client';
// Giving a command about a node as a whole: to take no new mail and to take it again, to forget what DNS said, to open its connections
// anew. Only for those who operate the installation; what the node holds now is counted first.
import { useState } from 'react';
import type { CommandScope } from '@sluice/contract';
import { clockUtc } from '@/format/time.ts';
import { DurationField } from '@/queues/duration-field.tsx';
import { Touches } from '@/queues/touches.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';

const kinds = ['drain', 'undrain', 'flush_dns', 'flush_connections'] as const;
type Kind = (typeof kinds)[number];
const labels: Record<Kind, string> = {
  drain: 'Drain',
  undrain: 'Take mail again',
  flush_dns: 'Flush DNS',
  flush_connections: 'Flush connections',
};
const meaning: Record<Kind, string> = {
  drain: 'The node takes no new mail and sends what it holds, until the time is up.',
  undrain: 'Ends a drain of the node before its time.',
  flush_dns: 'The node forgets what it was told of domains and asks again. No mail is touched.',
  flush_connections: 'Idle connections end now, busy ones after their message; those that follow are opened anew. No mail is touched.',
};

/** `accepting` false: what is offered first is to take mail again. */
export function NodeCommandDialog({ node, accepting }: { node: string; accepting: boolean }) {
  const client = useTRPCClient();
  const [chosen, setKind] = useState<Kind | null>(null);
  const kind = chosen ?? (accepting ? 'drain' : 'undrain');
  const scope: CommandScope = { node };
  return (
    <ActionDialog
      trigger="Command"
      triggerLabel={`Command ${node}`}
      title={`Command node ${node}`}
      touches={meaning[kind]}
      confirm={labels[kind]}
      run={async (form, reason) => {
        const domain = kind === 'flush_dns' ? textOf(form, 'domain').toLowerCase() : '';
        const site = kind === 'flush_connections' ? textOf(form, 'site').toLowerCase() : '';
        const { expiresAt } = await client.commands.issue.mutate({
          ...{ kind, scope: { ...scope, ...(domain !== '' && { domain }), ...(site !== '' && { site }) }, reason },
          ...(kind === 'drain' ? { minutes: numberOf(form, 'minutes') } : {}),
        });
        const until = kind === 'drain' && expiresAt !== null ? clockUtc(expiresAt) : null;
        return { done: until === null ? 'Given. The node applies it within a second.' : `Given, until ${until}.` };
      }}
    >
      <SelectField
        label="What to do"
        name="kind"
        value={kind}
        onChange={(event) => setKind(kinds.find((one) => one === event.target.value) ?? kind)}
      >
        {kinds.map((one) => (
          <option key={one} value={one}>
            {labels[one]}
          </option>
        ))}
      </SelectField>
      <Touches kind={kind} scope={scope} />
      {kind === 'drain' && <DurationField />}
      {kind === 'flush_dns' && <TextField label="Domain" name="domain" hint="Empty means every domain." maxLength={253} />}
      {kind === 'flush_connections' && (
        <TextField label="Site" name="site" hint="As the queues show it. Empty means all connections of the node." maxLength={300} />
      )}
    </ActionDialog>
  );
}
