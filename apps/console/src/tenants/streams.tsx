'use client';
// Streams of a tenant: which pools, how long mail is tried, and its weight in a ready queue.
import { useNamed } from '@/entities/entities.ts';
import { EntityField } from '@/entities/entity-field.tsx';
import { duration } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { TextField } from '@/ui/field.tsx';
import { SearchedList, useListParts } from '@/ui/list-parts.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import type { Tenant } from './types.ts';

function CreateStream({ tenant }: { tenant: Tenant }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New stream"
      title={`New stream of ${tenant.name}`}
      touches="Makes a class of mail with its own pool and weight. Credentials name the stream they send for."
      confirm="Make the stream"
      run={async (form, reason) => {
        const { revision } = await client.streams.create.mutate({
          tenantId: tenant.id,
          name: textOf(form, 'name'),
          poolIds: [textOf(form, 'poolId')],
          weight: numberOf(form, 'weight'),
          reason,
        });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} placeholder="transactional" />
      <EntityField kind="pool" label="IP pool" name="poolId" />
      <TextField
        label="Weight"
        name="weight"
        type="number"
        min={1}
        max={100}
        required
        defaultValue={10}
        hint="Its share of a ready queue, relative to other streams."
      />
    </ActionDialog>
  );
}

export function Streams({ tenant }: { tenant: Tenant }) {
  const client = useTRPCClient();
  const streams = useListParts({
    key: ['streams.list', tenant.id],
    fetchPart: (part, signal) => client.streams.list.query({ tenantId: tenant.id, ...part }, { signal }),
    keyOf: ({ id }) => id,
    pollMs: false,
    name: 'stream',
  });
  const canChange = useMay('streams.create');
  const poolIds = (streams.items ?? []).flatMap((stream) => stream.poolIds);
  const pools = useNamed('pool', poolIds);
  const nameOf = (poolId: string): string => pools.get(poolId)?.name ?? poolId;
  return (
    <Card title="Streams" actions={canChange && <CreateStream tenant={tenant} />} flush>
      <SearchedList
        parts={streams}
        label="Find a stream"
        nothing={
          <NothingYet title="No streams yet">A stream is a class of mail, such as transactional or bulk; it needs an IP pool.</NothingYet>
        }
        oneOfSeveral
      >
        {(list) => (
          <Table label={`Streams of ${tenant.name}`} head={['Stream', 'IP pools', 'Weight', 'Tried again after', 'Expires after']}>
            {list.map((stream) => (
              <Row key={stream.id}>
                <Name>{stream.name}</Name>
                <Cell>{stream.poolIds.map(nameOf).join(', ')}</Cell>
                <Cell>{stream.weight}</Cell>
                <Cell>{stream.retrySeconds.map((seconds) => duration(seconds)).join(', ')}, then as the last</Cell>
                <Cell className="whitespace-nowrap">{duration(stream.expirySeconds)}</Cell>
              </Row>
            ))}
          </Table>
        )}
      </SearchedList>
    </Card>
  );
}
