'use client';
// Stopping and starting a source, and making one.
import { useQuery } from '@tanstack/react-query';
import { clockUtc } from '@/format/time.ts';
import { count, plural } from '@/format/number.ts';
import { DurationField } from '@/queues/duration-field.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { TextField } from '@/ui/field.tsx';
import { explain } from '@/ui/states.tsx';
import type { Source } from './types.ts';

/** Asked for when the dialog opens, so that the figures are of now. */
function SuspendPreview({ source }: { source: Source }) {
  const trpc = useTRPC();
  const preview = useQuery(
    trpc.commands.preview.queryOptions({ kind: 'suspend', scope: { source: source.id } }, { refetchInterval: 5_000, staleTime: 0 }),
  );
  if (preview.error) return <p className="text-sm text-bad-text">What it touches could not be read. {explain(preview.error)}</p>;
  if (!preview.data) return <p className="text-sm text-muted">Counting what it touches…</p>;
  const { ready, inFlight, nodes } = preview.data;
  const pools = source.pools.map((pool) => pool.name).toSorted();
  return (
    <ul aria-label="What it touches now" className="list-inside list-disc rounded-md bg-sunken p-3 text-sm">
      <li>
        {count(ready)} ready and {count(inFlight)} in an attempt, on {plural(nodes.filter((node) => node.answered).length, 'node')}
      </li>
      <li>{pools.length === 0 ? 'No pool uses it' : `Pools: ${pools.join(', ')}; their other sources take over`}</li>
      <li>Attempts in progress end normally. Mail that only this source may send waits.</li>
    </ul>
  );
}

export function SuspendSource({ source }: { source: Source }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={source.suspension === null}
      trigger="Suspend"
      triggerLabel={`Suspend ${source.name}`}
      danger
      title={`Suspend ${source.name}`}
      touches="Stops sending from this source at once and keeps its mail. It resumes by itself when the time is up."
      confirm="Suspend"
      run={async (form, reason) => {
        const { expiresAt } = await client.commands.issue.mutate({
          kind: 'suspend',
          scope: { source: source.id },
          minutes: numberOf(form, 'minutes'),
          reason,
        });
        return {
          done: `Suspended until ${expiresAt === null ? 'someone resumes it' : clockUtc(expiresAt)}. The commands below the list show which nodes have applied it.`,
        };
      }}
    >
      <SuspendPreview source={source} />
      <DurationField defaultValue="15" />
    </ActionDialog>
  );
}

export function ResumeSource({ source }: { source: Source }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={source.suspension !== null}
      trigger="Resume"
      triggerLabel={`Resume ${source.name}`}
      title={`Resume ${source.name}`}
      touches={`Ends the suspension by ${source.suspension?.issuedBy ?? 'an operator'} now; held mail goes out within the source's limits.`}
      confirm="Resume"
      run={async (_form, reason) => {
        await client.commands.issue.mutate({ kind: 'resume', scope: { source: source.id }, reason });
        return { done: 'Resumed. Nodes apply it within a second.' };
      }}
    />
  );
}

export function EnableSource({ source }: { source: Source }) {
  const client = useTRPCClient();
  const [word, done] = source.enabled ? ['Disable', 'Disabled'] : ['Enable', 'Enabled'];
  const pools = source.pools.map((pool) => pool.name).join(', ') || 'no pool';
  return (
    <ActionDialog
      trigger={word}
      triggerLabel={`${word} ${source.name}`}
      title={`${word} ${source.name}`}
      touches={source.enabled ? `Takes it out of use in ${pools} until someone enables it again.` : `Puts it back into use in ${pools}.`}
      confirm={word}
      run={async (_form, reason) => {
        const { revision } = await client.sources.setEnabled.mutate({ id: source.id, enabled: !source.enabled, reason });
        return { done: `${done} with revision ${revision}.` };
      }}
    />
  );
}

export function CreateSource() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New source"
      triggerLook="primary"
      title="New source"
      touches="Makes a sending identity that no pool uses yet; no mail moves."
      confirm="Make the source"
      run={async (form, reason) => {
        const publicAddress = textOf(form, 'publicAddress');
        const { revision } = await client.sources.create.mutate({
          name: textOf(form, 'name'),
          publicAddress,
          bindAddress: textOf(form, 'bindAddress') || publicAddress,
          family: publicAddress.includes(':') ? 6 : 4,
          ehloName: textOf(form, 'ehloName').toLowerCase(),
          node: textOf(form, 'node') || null,
          enabled: true,
          reason,
        });
        return { done: `Made with revision ${revision}. Add it to a pool to use it.` };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} />
      <TextField label="Public address" name="publicAddress" required hint="What receivers see." />
      <TextField label="Bind address" name="bindAddress" hint="Only behind NAT: the address on the node. Empty means the public one." />
      <TextField label="EHLO name" name="ehloName" required hint="Its PTR record must lead here and back." />
      <TextField label="Node" name="node" hint="Empty means every node." maxLength={64} />
    </ActionDialog>
  );
}
