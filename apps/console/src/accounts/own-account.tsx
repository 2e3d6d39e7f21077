'use client';
// One's own account: who one is here, the second factor, the password, and where one is signed in.
import { useQuery } from '@tanstack/react-query';
import { roleName, roleTable } from '@sluice/contract/api';
import { useMe } from '@/session/me.tsx';
import { minPassword, NewPasswordFields } from '@/session/new-password-fields.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, Refused } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { TextField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { OwnSecondFactor } from './own-second-factor.tsx';
import { SessionTable } from './session-table.tsx';
import type { SessionRow } from './types.ts';

const pollMs = 30_000;

const secretOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
};

function ChangePassword() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Change password"
      title="Change your password"
      touches="Ends your sessions in other browsers; this one goes on."
      confirm="Change it"
      askReason={false}
      run={async (form) => {
        const next = secretOf(form, 'next');
        if (next !== secretOf(form, 'again')) throw new Refused('The two new passwords differ.');
        const { sessionsEnded } = await client.session.changePassword.mutate({ current: secretOf(form, 'current'), next });
        return { done: `Changed. ${sessionsEnded} other sessions ended.` };
      }}
    >
      <TextField label="Present password" name="current" type="password" autoComplete="current-password" required />
      <NewPasswordFields label="New password" name="next" />
    </ActionDialog>
  );
}

function EndSession({ session }: { session: SessionRow }) {
  const client = useTRPCClient();
  if (session.current) return null;
  return (
    <ActionDialog
      trigger="End"
      triggerLabel={`End the session from ${session.address ?? 'an unknown address'}`}
      title="End this session"
      touches="Whoever uses it is asked to sign in again."
      confirm="End it"
      askReason={false}
      run={async () => {
        await client.session.revoke.mutate({ sessionId: session.id });
        return { done: 'The session is ended.' };
      }}
    />
  );
}

function EndOthers() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="End all others"
      title="End all other sessions"
      touches="Every browser but this one is asked to sign in again."
      confirm="End them"
      askReason={false}
      run={async () => {
        const { ended } = await client.session.revokeOthers.mutate();
        return { done: `${ended} sessions ended.` };
      }}
    />
  );
}

export function OwnAccount() {
  const trpc = useTRPC();
  const { actor } = useMe();
  const sessions = useQuery(trpc.session.list.queryOptions(undefined, { refetchInterval: pollMs }));
  return (
    <>
      <PageHead title="Your account">{`${actor.name}, ${actor.email ?? ''}`}</PageHead>
      <Card title="Role">
        <p className="text-sm">
          <strong>{roleName(actor.role)}</strong>
          {actor.tenantId !== null && ', bound to one tenant'}. {roleTable[actor.role].adds}
        </p>
        <p className="mt-2 text-sm text-muted">
          {actor.personalData
            ? 'You see whole addresses of recipients.'
            : 'Addresses of recipients are shown to you in part. An Admin can give you the grant to see them whole.'}
        </p>
      </Card>
      <OwnSecondFactor />
      <Card title="Password" actions={<ChangePassword />}>
        <p className="text-sm text-muted">At least {minPassword} characters. Length is what makes a password strong.</p>
      </Card>
      <Card title="Where you are signed in" actions={<EndOthers />} flush>
        <Loaded query={sessions} rows={2}>
          {(list) => <SessionTable label="Your sessions" sessions={list} actions={(session) => <EndSession session={session} />} />}
        </Loaded>
      </Card>
    </>
  );
}
