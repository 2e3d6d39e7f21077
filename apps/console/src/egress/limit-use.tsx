'use client';
// Limits as each node uses them now: how full the fullest of each is, and what waits for it. Limits that Sluice itself set are told with
// what it said of them.
import { useQuery } from '@tanstack/react-query';
import type { LimitCounter, LimitInUse } from '@sluice/contract';
import { entityKinds, useNamed, type EntityKind } from '@/entities/entities.ts';
import { count } from '@/format/number.ts';
import { countdown } from '@/format/time.ts';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { applicationOf, sizeOf } from './limit-words.ts';

const pollMs = 5_000;

/** Ids of sources, pools, tenants and streams in the words of operators. */
function useWords(limits: readonly LimitInUse[]): NameOf {
  const valuesOf = (kind: EntityKind): string[] =>
    limits.flatMap(({ by, fullest }) =>
      fullest.flatMap(({ values }) => values.filter((value, index) => by[index] === kind && value !== '')),
    );
  const names = {
    source: useNamed('source', valuesOf('source')),
    pool: useNamed('pool', valuesOf('pool')),
    tenant: useNamed('tenant', valuesOf('tenant')),
    stream: useNamed('stream', valuesOf('stream')),
  };
  return (dimension, value) => {
    const kind = entityKinds.find((one) => one === dimension);
    return value === '' ? `no ${dimension}` : ((kind && names[kind].get(value)?.name) ?? value);
  };
}

/** Only for operators of the whole installation: counters tell of all tenants. */
export function LimitUse() {
  const trpc = useTRPC();
  const limits = useQuery(trpc.limits.list.queryOptions()).data ?? [];
  const use = useQuery(trpc.limits.use.queryOptions(undefined, { refetchInterval: pollMs }));
  const nameOf = useWords(use.data?.nodes.flatMap((node) => node.limits) ?? []);
  const named = new Map(limits.map((limit) => [limit.id, limit]));
  return (
    <Loaded query={use} rows={3}>
      {({ nodes, silent }) => (
        <>
          {nodes.map(({ node, limits: used, total }) => (
            <Card key={node} title={`In use on ${node}`} hint={<Updated query={use} />} flush>
              {used.length === 0 ? (
                <NothingYet title="No limit is in use">Limits appear here as mail leaves under them.</NothingYet>
              ) : (
                <Table label={`Limits in use on ${node}`} head={['Limit', 'Allows', 'Fullest', 'Used', 'Waiting', 'Next']}>
                  {used.map((limit) => (
                    <Row key={limit.id}>
                      <Name>
                        {named.get(limit.id)?.name ?? limit.setBySelf ?? limit.id}
                        {limit.setBySelf !== null && <div className="text-xs text-muted">Set by Sluice for {applicationOf(limit)}.</div>}
                      </Name>
                      <Cell className="whitespace-nowrap">{sizeOf({ ...limit, zone: named.get(limit.id)?.zone })}</Cell>
                      <UseCells limit={limit} nameOf={nameOf} />
                    </Row>
                  ))}
                </Table>
              )}
              {total > used.length && <p className="p-4 text-sm text-muted">{count(total - used.length)} more are not shown.</p>}
            </Card>
          ))}
          {silent.length > 0 && <p className="text-sm text-muted">No answer about limits from {silent.join(', ')}.</p>}
        </>
      )}
    </Loaded>
  );
}

type NameOf = (dimension: string, value: string) => string;

function UseCells({ limit, nameOf }: { limit: LimitInUse; nameOf: NameOf }) {
  const [first] = limit.fullest;
  return (
    <>
      <Cell>
        {first ? ofWhat(limit, first, nameOf) : ''}
        {limit.counters > 1 && <div className="text-xs text-muted">of {count(limit.counters)}</div>}
      </Cell>
      <Cell className="whitespace-nowrap">{first ? `${count(Math.round(first.used))} of ${count(Math.round(first.of))}` : ''}</Cell>
      <Cell>
        {limit.waiting > 0 ? <Status tone="warn">{`${count(limit.waiting)} in line`}</Status> : <Status tone="quiet">nobody</Status>}
      </Cell>
      <Cell className="whitespace-nowrap">{first ? nextOf(limit, first) : ''}</Cell>
    </>
  );
}

function ofWhat({ by }: LimitInUse, { values }: LimitCounter, nameOf: NameOf): string {
  if (values.length === 0) return 'all of it together';
  return values.map((value, index) => nameOf(by[index] ?? '', value)).join(', ');
}

function nextOf({ kind }: LimitInUse, { used, of, clearsAt }: LimitCounter): string {
  if (clearsAt !== null) return countdown(clearsAt, Date.now());
  return kind === 'connections' && used >= of ? 'when one closes' : 'now';
}
