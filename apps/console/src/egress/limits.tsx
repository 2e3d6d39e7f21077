'use client';
// Limits: all that match a piece of mail apply at once. Each says in words what it counts.
import { useQuery } from '@tanstack/react-query';
import { PageHead } from '@/shell/shell.tsx';
import { useCanChange } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { applicationOf, sizeOf } from './limit-words.ts';
import type { Limit } from './types.ts';

const pollMs = 15_000;
const maxCount = 10_000_000;
const kinds = ['message_rate', 'connections', 'connection_rate'] as const;
const dimensions = ['source', 'provider', 'site', 'domain', 'pool', 'tenant', 'stream', 'campaign', 'node'] as const;

function NumberFields({ limit }: { limit: Limit | null }) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <TextField label="Count" name="count" type="number" min={1} max={maxCount} required defaultValue={limit?.count ?? 100} />
      <TextField
        label="Per seconds"
        name="perSeconds"
        type="number"
        min={1}
        max={86_400}
        required
        defaultValue={limit?.perSeconds ?? 1}
        hint="Ignored for connections open at once."
      />
      <TextField
        label="Burst on top"
        name="burst"
        type="number"
        min={0}
        max={maxCount}
        required
        defaultValue={limit?.burst ?? 0}
        hint="Ignored for connections open at once."
      />
    </div>
  );
}

function EditLimit({ limit }: { limit: Limit }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Edit"
      triggerLabel={`Edit ${limit.name}`}
      title={limit.name}
      touches={`Counts ${applicationOf(limit)}. Takes effect on every node within seconds, for connections as they close.`}
      confirm="Save limit"
      run={async (form, reason) => {
        const { revision } = await client.limits.update.mutate({
          id: limit.id,
          count: numberOf(form, 'count'),
          perSeconds: numberOf(form, 'perSeconds'),
          burst: numberOf(form, 'burst'),
          enabled: form.get('enabled') !== null,
          reason,
        });
        return { done: `Saved as revision ${revision}.` };
      }}
    >
      <NumberFields limit={limit} />
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="enabled" defaultChecked={limit.enabled} className="size-4 accent-accent" />
        Enabled
      </label>
    </ActionDialog>
  );
}

function CreateLimit() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New limit"
      triggerLook="primary"
      title="New limit"
      touches="Applies in addition to every other limit that matches the same mail."
      confirm="Make the limit"
      run={async (form, reason) => {
        const provider = textOf(form, 'provider');
        const { revision } = await client.limits.create.mutate({
          name: textOf(form, 'name'),
          kind: kinds.find((kind) => kind === textOf(form, 'kind')) ?? 'message_rate',
          where: provider === '' ? {} : { provider },
          by: dimensions.filter((dimension) => form.get(`by:${dimension}`) !== null),
          count: numberOf(form, 'count'),
          perSeconds: numberOf(form, 'perSeconds'),
          burst: numberOf(form, 'burst'),
          enabled: true,
          reason,
        });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} />
      <SelectField label="What is limited" name="kind">
        <option value="message_rate">Recipients attempted in a time</option>
        <option value="connections">Connections open at once</option>
        <option value="connection_rate">Connections begun in a time</option>
      </SelectField>
      <p className="text-sm text-muted">
        Connections are shared by tenants, streams, pools and domains: count them by source, provider, site and node.
      </p>
      <ProviderField />
      <fieldset>
        <legend className="mb-1 text-sm font-medium">Counted apart for each</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {dimensions.map((dimension) => (
            <label key={dimension} className="flex h-7 items-center gap-1.5 text-sm">
              <input
                type="checkbox"
                name={`by:${dimension}`}
                defaultChecked={dimension === 'source' || dimension === 'provider'}
                className="size-4 accent-accent"
              />
              {dimension}
            </label>
          ))}
        </div>
      </fieldset>
      <NumberFields limit={null} />
    </ActionDialog>
  );
}

function ProviderField() {
  const trpc = useTRPC();
  const providers = useQuery(trpc.providers.list.queryOptions());
  return (
    <SelectField label="Only for provider" name="provider">
      <option value="">every provider</option>
      {providers.data?.map((provider) => (
        <option key={provider.id} value={provider.key}>
          {provider.name}
        </option>
      ))}
    </SelectField>
  );
}

export function Limits() {
  const trpc = useTRPC();
  const limits = useQuery(trpc.limits.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const canChange = useCanChange();
  const head = ['Limit', 'State', 'Allows', 'Counts'];
  return (
    <>
      <PageHead title="Limits" actions={canChange && <CreateLimit />}>
        Every limit that matches applies; mail waits for the one that binds. Rates count attempted recipients.
      </PageHead>
      <Card title="Limits" hint={<Updated query={limits} />} flush>
        <Loaded query={limits}>
          {(list) =>
            list.length === 0 ? (
              <NothingYet title="No limits yet">Without limits mail leaves as fast as receivers take it.</NothingYet>
            ) : (
              <Table label="Limits" head={head} actions={canChange}>
                {list.map((limit) => (
                  <Row key={limit.id}>
                    <Name>{limit.name}</Name>
                    <Cell>{limit.enabled ? <Status tone="good">Enabled</Status> : <Status tone="quiet">Disabled</Status>}</Cell>
                    <Cell className="whitespace-nowrap">{sizeOf(limit)}</Cell>
                    <Cell>{applicationOf(limit)}</Cell>
                    {canChange && (
                      <Cell className="text-right">
                        <EditLimit limit={limit} />
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
