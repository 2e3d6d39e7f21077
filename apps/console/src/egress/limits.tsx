'use client';
// Limits: all that match a piece of mail apply at once. Each says in words what it counts, and each node how much of it is used.
import { PageHead } from '@/shell/shell.tsx';
import { useMay, useSeesAll } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { SearchedList, useListParts } from '@/ui/list-parts.tsx';
import { Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { CreateLimit, DeleteLimit, EditLimit } from './limit-dialogs.tsx';
import { LimitUse } from './limit-use.tsx';
import { applicationOf, sizeOf } from './limit-words.ts';

const pollMs = 15_000;

export function Limits() {
  const client = useTRPCClient();
  const limits = useListParts({
    key: ['limits.list'],
    fetchPart: (part, signal) => client.limits.list.query(part, { signal }),
    keyOf: ({ name }) => name,
    pollMs,
  });
  const canChange = useMay('limits.create');
  const seesAll = useSeesAll();
  const head = ['Limit', 'State', 'Allows', 'Counts'];
  return (
    <>
      <PageHead title="Limits" asks={['limits.create']} actions={canChange && <CreateLimit />}>
        Every limit that matches applies; mail waits for the one that binds. Rates and caps count attempted recipients. Tenants that share a
        limit have equal shares of it.
      </PageHead>
      <Card title="Limits" hint={<Updated query={limits.query} />} flush>
        <SearchedList
          parts={limits}
          label="Name of a limit"
          nothing={<NothingYet title="No limits yet">Without limits mail leaves as fast as receivers take it.</NothingYet>}
        >
          {(list) => (
            <Table label="Limits" head={head} actions={canChange}>
              {list.map((limit) => (
                <Row key={limit.id}>
                  <Name>{limit.name}</Name>
                  <Cell>{limit.enabled ? <Status tone="good">Enabled</Status> : <Status tone="quiet">Disabled</Status>}</Cell>
                  <Cell className="whitespace-nowrap">{sizeOf(limit)}</Cell>
                  <Cell>{applicationOf(limit)}</Cell>
                  {canChange && (
                    <Cell className="text-right">
                      <EditLimit limit={limit} /> <DeleteLimit limit={limit} />
                    </Cell>
                  )}
                </Row>
              ))}
            </Table>
          )}
        </SearchedList>
      </Card>
      {seesAll && <LimitUse />}
    </>
  );
}
