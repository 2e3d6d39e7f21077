'use client';
// Senders and what belongs to them. The chosen tenant is in the URL, and so is what narrows the list that it is chosen from.
import { useQuery } from '@tanstack/react-query';
import { parseAsString, useQueryState } from 'nuqs';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { SearchBox, useListParts } from '@/ui/list-parts.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { NothingMatches, NothingYet } from '@/ui/states.tsx';
import { Credentials } from './credentials.tsx';
import { Domains } from './domains.tsx';
import { Relays } from './relays.tsx';
import { Streams } from './streams.tsx';
import type { Tenant } from './types.ts';

const pollMs = 15_000;

function CreateTenant({ onMade }: { onMade: (id: string) => void }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New tenant"
      triggerLook="primary"
      title="New tenant"
      touches="Makes a sender with nothing yet: next come a stream, a sending domain with its DKIM key, and a credential."
      confirm="Make the tenant"
      run={async (form, reason) => {
        const { id, revision } = await client.tenants.create.mutate({ name: textOf(form, 'name'), slug: textOf(form, 'slug'), reason });
        onMade(id);
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} />
      <TextField
        label="Short name"
        name="slug"
        required
        pattern="[a-z0-9][a-z0-9\-]{0,39}"
        hint="Lower-case letters, digits and hyphens; it does not change later."
      />
    </ActionDialog>
  );
}

type ChooserProps = { tenant: Tenant; list: readonly Tenant[]; choose: (id: string) => void };

/** The chosen one is offered too where what is searched leaves it out. */
function Chooser({ tenant, list, choose }: ChooserProps) {
  const offered = list.some(({ id }) => id === tenant.id) ? list : [tenant, ...list];
  return (
    <div className="w-72">
      <SelectField label="Tenant" value={tenant.id} onChange={(event) => choose(event.target.value)}>
        {offered.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} ({one.slug})
          </option>
        ))}
      </SelectField>
    </div>
  );
}

/** The list in parts, and the tenant of the URL wherever in the list it stands. */
function useTenants() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const parts = useListParts({
    key: ['tenants.list'],
    fetchPart: (part, signal) => client.tenants.list.query(part, { signal }),
    keyOf: ({ slug }) => slug,
    pollMs,
  });
  const [wanted, choose] = useQueryState('tenant', parseAsString.withDefault(''));
  const listed = parts.items?.find(({ id }) => id === wanted);
  const elsewhere = useQuery(
    trpc.tenants.list.queryOptions({ search: wanted, limit: 1 }, { enabled: wanted !== '' && parts.items !== undefined && !listed }),
  );
  return { parts, choose, chosen: listed ?? elsewhere.data?.find(({ id }) => id === wanted), looking: elsewhere.isLoading };
}

export function Tenants() {
  const { parts, choose, chosen, looking } = useTenants();
  const canChange = useMay('tenants.create');
  return (
    <>
      <PageHead
        title="Tenants"
        asks={['tenants.create', 'domains.create', 'credentials.create']}
        actions={canChange && <CreateTenant onMade={(id) => void choose(id)} />}
      >
        A tenant sends only from its own domains, through the pools of its streams.
      </PageHead>
      <Loaded query={{ ...parts.query, data: looking ? undefined : parts.items }}>
        {(list) => {
          const tenant = chosen ?? list[0];
          if (!tenant && parts.search !== '')
            return (
              <NothingMatches title="No such tenant" onClear={() => void parts.setSearch(null)}>
                No tenant has “{parts.search}” in its name.
              </NothingMatches>
            );
          if (!tenant)
            return (
              <Card title="Tenants">
                <NothingYet title="No tenants yet">
                  A tenant is a sender on whose behalf mail is sent. {canChange && 'Make the first with "New tenant".'}
                </NothingYet>
              </Card>
            );
          return (
            <>
              <div className="flex flex-wrap items-end gap-4">
                <SearchBox parts={parts} label="Find a tenant" />
                <Chooser tenant={tenant} list={list} choose={(id) => void choose(id)} />
                <More query={parts.query} />
                <p className="pb-1.5 text-xs">
                  <Updated query={parts.query} />
                </p>
              </div>
              <Streams tenant={tenant} />
              <Domains tenant={tenant} />
              <Credentials tenant={tenant} />
              <Relays tenant={tenant} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
