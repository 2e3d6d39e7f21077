'use client';
// Static routes: mail for these domains goes to a named host and port instead of the domain's MX.
import { useQuery } from '@tanstack/react-query';
import { PageHead } from '@/shell/shell.tsx';
import { useCanChange } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { TextField } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import type { Route } from './types.ts';

const pollMs = 15_000;

function CreateRoute() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New route"
      triggerLook="primary"
      title="New route"
      touches="Mail for the domain goes to this host from its next attempt on; the domain's MX records are no longer asked."
      confirm="Make the route"
      run={async (form, reason) => {
        const { revision } = await client.routes.create.mutate({
          domain: textOf(form, 'domain').toLowerCase(),
          host: textOf(form, 'host').toLowerCase(),
          port: numberOf(form, 'port'),
          reason,
        });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <TextField label="Domain" name="domain" required placeholder="example.com" />
      <TextField label="Host" name="host" required placeholder="mail.example.com or 192.0.2.10" />
      <TextField label="Port" name="port" type="number" min={1} max={65_535} required defaultValue={25} />
    </ActionDialog>
  );
}

function DeleteRoute({ route }: { route: Route }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Delete"
      triggerLabel={`Delete the route of ${route.domain}`}
      danger
      title={`Delete the route of ${route.domain}`}
      touches="Mail for the domain goes to its MX from its next attempt on."
      confirm="Delete the route"
      run={async (_form, reason) => {
        const { revision } = await client.routes.delete.mutate({ id: route.id, reason });
        return { done: `Deleted with revision ${revision}.` };
      }}
    />
  );
}

export function Routes() {
  const trpc = useTRPC();
  const routes = useQuery(trpc.routes.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const canChange = useCanChange();
  const head = ['Domain', 'Goes to', 'Port'];
  return (
    <>
      <PageHead title="Routes" actions={canChange && <CreateRoute />}>
        Domains whose mail goes to a named host instead of their MX.
      </PageHead>
      <Card title="Static routes" hint={<Updated query={routes} />} flush>
        <Loaded query={routes}>
          {(list) =>
            list.length === 0 ? (
              <NothingYet title="No static routes">Mail goes to the MX of each domain, which is what most installations want.</NothingYet>
            ) : (
              <Table label="Static routes" head={head} actions={canChange}>
                {list.map((route) => (
                  <Row key={route.id}>
                    <Name>
                      <Mono>{route.domain}</Mono>
                    </Name>
                    <Cell>
                      <Mono>{route.host}</Mono>
                    </Cell>
                    <Cell>{route.port}</Cell>
                    {canChange && (
                      <Cell className="text-right">
                        <DeleteRoute route={route} />
                      </Cell>
                    )}
                  </Row>
                ))}
              </Table>
            )
          }
        </Loaded>
      </Card>
    </>
  );
}
