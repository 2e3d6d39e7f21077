'use client';
// Networks whose hosts may hand in mail without a credential, as this tenant. There are none until someone adds one.
import { useQuery } from '@tanstack/react-query';
import { useMay } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { TextField } from '@/ui/field.tsx';
import { SearchedList, useListParts } from '@/ui/list-parts.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { StreamField } from './credentials.tsx';
import type { Relay, Stream, Tenant } from './types.ts';

function CreateRelay({ tenant, streams }: { tenant: Tenant; streams: readonly Stream[] }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New network"
      title={`New relay network of ${tenant.name}`}
      touches="Every host of this network may hand in mail as this tenant without a password. Keep it small."
      confirm="Allow the network"
      run={async (form, reason) => {
        const { revision } = await client.relays.create.mutate({
          tenantId: tenant.id,
          streamId: textOf(form, 'streamId'),
          cidr: textOf(form, 'cidr'),
          reason,
        });
        return { done: `Allowed with revision ${revision}.` };
      }}
    >
      <TextField label="Network" name="cidr" required placeholder="192.0.2.0/28" hint="CIDR block, IPv4 or IPv6." />
      <StreamField streams={streams} />
    </ActionDialog>
  );
}

function DeleteRelay({ relay }: { relay: Relay }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Delete"
      triggerLabel={`Delete ${relay.cidr}`}
      danger
      title={`Delete ${relay.cidr}`}
      touches="Its hosts need a credential from then on; mail already accepted is still sent."
      confirm="Delete the network"
      run={async (_form, reason) => {
        const { revision } = await client.relays.delete.mutate({ id: relay.id, reason });
        return { done: `Deleted with revision ${revision}.` };
      }}
    />
  );
}

export function Relays({ tenant }: { tenant: Tenant }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const relays = useListParts({
    key: ['relays.list', tenant.id],
    fetchPart: (part, signal) => client.relays.list.query({ tenantId: tenant.id, ...part }, { signal }),
    keyOf: ({ id }) => id,
    pollMs: false,
    name: 'relay',
  });
  const streams = useQuery(trpc.streams.list.queryOptions({ tenantId: tenant.id }));
  const canCreate = useMay('relays.create');
  const canDelete = useMay('relays.delete');
  const head = ['Network', 'State', 'Stream'];
  return (
    <Card
      title="Relay networks"
      actions={canCreate && streams.data && streams.data.length > 0 && <CreateRelay tenant={tenant} streams={streams.data} />}
      flush
    >
      <SearchedList
        parts={relays}
        label="Find a network"
        nothing={
          <NothingYet title="No relay networks">All mail of this tenant comes in with a credential, which is the safer way.</NothingYet>
        }
        oneOfSeveral
      >
        {(list) => (
          <Table label={`Relay networks of ${tenant.name}`} head={head} actions={canDelete}>
            {list.map((relay) => (
              <Row key={relay.id}>
                <Name>
                  <Mono>{relay.cidr}</Mono>
                </Name>
                <Cell>{relay.enabled ? <Status tone="good">Enabled</Status> : <Status tone="quiet">Disabled</Status>}</Cell>
                <Cell>{streams.data?.find((stream) => stream.id === relay.streamId)?.name ?? '—'}</Cell>
                {canDelete && (
                  <Cell className="text-right">
                    <DeleteRelay relay={relay} />
                  </Cell>
                )}
              </Row>
            ))}
          </Table>
        )}
      </SearchedList>
    </Card>
  );
}
