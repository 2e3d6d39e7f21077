'use client';
// One account: what can be done with it, and where it is signed in.
import { useQuery } from '@tanstack/react-query';
import { useMe } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { SessionTable } from './session-table.tsx';
import type { User } from './types.ts';
import { ChangeRole, EndSessions, Grant, ResetPassword, ResetSecondFactor, SwitchAccount } from './user-acts.tsx';

export function UserCard({ user }: { user: User }) {
  const trpc = useTRPC();
  const { actor } = useMe();
  const sessions = useQuery(trpc.users.sessions.queryOptions({ userId: user.id }));
  const own = actor.id === user.id;
  const untouched = user.role === 'owner' && actor.role !== 'owner';
  const changes = !own && !untouched;
  return (
    <>
      <Card
        title={`${user.name}, ${user.email}`}
        actions={
          changes && (
            <>
              <ChangeRole user={user} />
              <Grant user={user} />
              <ResetPassword user={user} />
              <ResetSecondFactor user={user} />
              <SwitchAccount user={user} />
            </>
          )
        }
      >
        <p className="text-sm text-muted">
          {own && 'This is your own account: password, second factor and sessions are on the page of your account.'}
          {untouched && 'Only an Owner changes an Owner.'}
          {changes && 'Every change is kept under Audit with its reason.'}
        </p>
      </Card>
      <Card title="Signed in" actions={changes && <EndSessions user={user} session={null} />} flush>
        <Loaded query={sessions} rows={2}>
          {(list) =>
            list.length === 0 ? (
              <NothingYet title="Not signed in anywhere">
                A session ends after twelve hours without use, and after seven days in any case.
              </NothingYet>
            ) : (
              <SessionTable
                label={`Sessions of ${user.email}`}
                sessions={list}
                actions={changes ? (session) => <EndSessions user={user} session={session} /> : undefined}
              />
            )
          }
        </Loaded>
      </Card>
    </>
  );
}
