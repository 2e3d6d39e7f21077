'use client';
// Everyone who has an account, who was invited, and what holds for all of them. The chosen account is in the URL.
import { useQuery } from '@tanstack/react-query';
import { roleName } from '@sluice/contract/api';
import { parseAsString, useQueryState } from 'nuqs';
import { useNamed } from '@/entities/entities.ts';
import { stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf } from '@/ui/action-dialog.tsx';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { TextField } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { Invitations, Invite } from './invitations.tsx';
import type { User } from './types.ts';
import { UserCard } from './user-card.tsx';

const pollMs = 30_000;

function SecondFactorState({ user }: { user: User }) {
  const now = useNow();
  if (user.secondFactorAt !== null) return <Status tone="good">On</Status>;
  if (user.secondFactorDueAt === null) return <Status tone="quiet">Not needed</Status>;
  return (
    <span title={`needed from ${stampUtc(user.secondFactorDueAt)} on`}>
      <Status tone={Date.parse(user.secondFactorDueAt) <= now ? 'bad' : 'warn'}>Missing</Status>
    </span>
  );
}

type TableProps = { users: readonly User[]; chosen: string; onChoose: (id: string) => void };

function UserTable({ users, chosen, onChoose }: TableProps) {
  const tenantIds = users.flatMap(({ tenantId }) => tenantId ?? []);
  const tenants = useNamed('tenant', tenantIds);
  const tenantName = (id: string | null): string => (id === null ? 'every tenant' : (tenants.get(id)?.name ?? 'one tenant'));
  return (
    <Table label="Accounts" head={['E-mail address', 'Name', 'Role', 'State', 'Second factor', 'Personal data', 'Sessions']} actions>
      {users.map((user) => (
        <Row key={user.id} className={user.id === chosen ? 'bg-sunken' : undefined}>
          <Name>{user.email}</Name>
          <Cell>{user.name}</Cell>
          <Cell>
            {roleName(user.role)}, {tenantName(user.tenantId)}
          </Cell>
          <Cell>{user.disabled ? <Status tone="quiet">Disabled</Status> : <Status tone="good">Enabled</Status>}</Cell>
          <Cell>
            <SecondFactorState user={user} />
          </Cell>
          <Cell>{user.personalData || user.role === 'owner' || user.role === 'admin' ? 'whole' : 'in part'}</Cell>
          <Cell>{user.sessions}</Cell>
          <Cell className="text-right">
            <Button
              aria-label={`Manage ${user.email}`}
              aria-pressed={user.id === chosen}
              onClick={() => onChoose(user.id === chosen ? '' : user.id)}
            >
              Manage
            </Button>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function GracePeriod() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const policy = useQuery(trpc.users.policy.queryOptions());
  const may = useMay('users.setPolicy');
  return (
    <Loaded query={policy} rows={1}>
      {({ secondFactorGraceDays: days }) => (
        <Card
          title="Second factor for Owners, Admins and Engineers"
          actions={
            may && (
              <ActionDialog
                trigger="Change"
                triggerLabel="Change the grace period"
                title="Grace period of the second factor"
                touches="Moves the day of everyone who has none yet, counted from when they got their role. With 0 days it is needed at once, also by you."
                confirm="Change it"
                run={async (form, reason) => {
                  const made = await client.users.setPolicy.mutate({ secondFactorGraceDays: numberOf(form, 'days'), reason });
                  return { done: `It is ${made.secondFactorGraceDays} days now.` };
                }}
              >
                <TextField label="Days" name="days" type="number" min={0} max={365} step={1} required defaultValue={days} />
              </ActionDialog>
            )
          }
        >
          <p className="text-sm">
            {days === 0 ? 'It is needed at once.' : `It is needed ${days} days after someone gets such a role.`} Until then a banner says
            so; after that nothing works for the account but setting one up.
          </p>
        </Card>
      )}
    </Loaded>
  );
}

export function Users() {
  const trpc = useTRPC();
  const users = useQuery(trpc.users.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const [chosen, setChosen] = useQueryState('user', parseAsString.withDefault(''));
  const may = useMay('invitations.create');
  return (
    <>
      <PageHead title="Users" actions={may && <Invite />}>
        Who can sign in here, and what for.
      </PageHead>
      <Card title="Accounts" hint={<Updated query={users} />} flush>
        <Loaded query={users}>
          {(list) => <UserTable users={list} chosen={chosen} onChoose={(id) => void setChosen(id === '' ? null : id)} />}
        </Loaded>
      </Card>
      {(users.data ?? [])
        .filter(({ id }) => id === chosen)
        .map((user) => (
          <UserCard key={user.id} user={user} />
        ))}
      <Invitations />
      <GracePeriod />
    </>
  );
}
