'use client';
// Senders and what belongs to them. The chosen tenant is in the URL.
import { useQuery } from '@tanstack/react-query';
import { parseAsString, useQueryState } from 'nuqs';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Credentials } from './credentials.tsx';
import { Domains } from './domains.tsx';
import { Relays } from './relays.tsx';
import { Streams } from './streams.tsx';

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

export function Tenants() {
  const trpc = useTRPC();
  const tenants = useQuery(trpc.tenants.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const [wanted, setWanted] = useQueryState('tenant', parseAsString.withDefault(''));
  const canChange = useMay('tenants.create');
  return (
    <>
      <PageHead
        title="Tenants"
        asks={['tenants.create', 'domains.create', 'credentials.create']}
        actions={canChange && <CreateTenant onMade={(id) => void setWanted(id)} />}
      >
        A tenant sends only from its own domains, through the pools of its streams.
      </PageHead>
      <Loaded query={tenants}>
        {(list) => {
          const tenant = list.find((one) => one.id === wanted) ?? list[0];
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
                <div className="w-72">
                  <SelectField label="Tenant" value={tenant.id} onChange={(event) => void setWanted(event.target.value)}>
                    {list.map((one) => (
                      <option key={one.id} value={one.id}>
                        {one.name} ({one.slug})
                      </option>
                    ))}
                  </SelectField>
                </div>
                <p className="pb-1.5 text-xs">
                  <Updated query={tenants} />
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
