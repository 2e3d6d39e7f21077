'use client';
// What nodes say of their sources: which are out of their pools, why, since when and when they are tried next; what DNS says of their names;
// and the two things an operator can do about it.
import { useQuery } from '@tanstack/react-query';
import { CircleSlash } from 'lucide-react';
import type { SourceHealthView } from '@sluice/contract/api';
import { clockUtc, countdown, stampUtc } from '@/format/time.ts';
import { DurationField } from '@/queues/duration-field.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf } from '@/ui/action-dialog.tsx';
import { Status } from '@/ui/status.tsx';
import type { Source } from './types.ts';

const pollMs = 5_000;
const reasons: Record<NonNullable<SourceHealthView['reason']>, string> = {
  address_missing: 'Its address is not on the node.',
  proxy_dead: 'Its proxy does not take connections.',
  connects_fail: 'Nothing can be reached through it.',
};

export type HealthOfSource = SourceHealthView & { node: string };
export type Health = { of(sourceId: string): readonly HealthOfSource[]; silent: readonly string[] };

/** What every node says, by source. */
export function useSourceHealth(): Health {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.sources.health.queryOptions(undefined, { refetchInterval: pollMs }));
  const told = Map.groupBy(
    data?.nodes.flatMap(({ node, sources }) => sources.map((row) => ({ ...row, node }))) ?? [],
    ({ sourceId }) => sourceId,
  );
  return { of: (sourceId) => told.get(sourceId) ?? [], silent: data?.silent ?? [] };
}

/** Nodes on which the source is out; empty when all is well. */
export function outOf(health: readonly HealthOfSource[]): readonly HealthOfSource[] {
  return health.filter(({ state }) => state !== 'in_use');
}

export function OutStatus({ health }: { health: HealthOfSource }) {
  return (
    <Status tone={health.state === 'out' ? 'bad' : 'warn'} icon={CircleSlash}>
      {health.state === 'out' ? `Out on ${health.node}` : `Used anyway on ${health.node}`}
    </Status>
  );
}

/** Beneath the state of a source that is out somewhere. */
export function OutDetails({ health, now }: { health: HealthOfSource; now: number }) {
  const { reason, detail, sinceMs, probes, lastProbe, nextProbeMs, usedAnywayUntilMs } = health;
  return (
    <div className="max-w-64 space-y-1 text-xs">
      <OutStatus health={health} />
      <p>{reason === null ? '' : reasons[reason]}</p>
      {detail !== null && <p className="break-words text-muted">{detail}</p>}
      {sinceMs !== null && <p>Since {stampUtc(sinceMs)}.</p>}
      {usedAnywayUntilMs !== null && <p>Used anyway until {clockUtc(usedAnywayUntilMs)}.</p>}
      {nextProbeMs !== null && now !== 0 && (
        <p>
          Next probe in <span className="font-medium">{countdown(nextProbeMs, now)}</span>
          {probes > 0 && `; ${probes} failed so far`}.
        </p>
      )}
      {lastProbe !== null && <p className="break-words text-muted">The last said: {lastProbe}</p>}
    </div>
  );
}

/** What DNS says of the names, where that wants a look; the nodes ask the same servers, so one is enough. */
export function NamesOfSource({ health }: { health: readonly HealthOfSource[] }) {
  const names = health.map((one) => one.names).find((one) => one !== null && one.state !== 'unanswered') ?? health[0]?.names ?? null;
  if (names === null) return <span className="text-xs text-muted">Names not checked yet</span>;
  if (names.state === 'good') return <Status tone="good">Names fit</Status>;
  return (
    <div className="max-w-64 space-y-1 text-xs">
      <Status tone={names.state === 'unanswered' ? 'quiet' : 'warn'}>{names.state === 'unanswered' ? 'No answer' : 'Names'}</Status>
      <p className="break-words">{names.finding}.</p>
      <p className="break-words text-muted">
        {names.remedy} Checked {clockUtc(names.checkedMs)}.
      </p>
    </div>
  );
}

export function ProbeSource({ source }: { source: Source }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Check now"
      triggerLabel={`Check now: ${source.name}`}
      title={`Check ${source.name} now`}
      touches="Asks DNS for its names and, where it is out, tries whether it can send again. No mail is sent for that."
      confirm="Check"
      run={async (_form, reason) => {
        await client.commands.issue.mutate({ kind: 'probe_source', scope: { source: source.id }, reason });
        return { done: 'Asked for. The list shows what came of it within some seconds.' };
      }}
    />
  );
}

export function UseAnyway({ source, offered }: { source: Source; offered: boolean }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={offered}
      trigger="Use anyway"
      triggerLabel={`Use anyway: ${source.name}`}
      danger
      title={`Use ${source.name} anyway`}
      touches="Sends mail through it although it is out. Attempts may fail; they cost no message an attempt. Ends by itself."
      confirm="Use anyway"
      run={async (form, reason) => {
        const scope = { source: source.id };
        const { expiresAt } = await client.commands.issue.mutate({ kind: 'use_source', scope, minutes: numberOf(form, 'minutes'), reason });
        return {
          done: `In use until ${expiresAt === null ? 'someone ends it' : clockUtc(expiresAt)}. Withdraw it below the list to end it.`,
        };
      }}
    >
      <DurationField />
    </ActionDialog>
  );
}
