'use client';
// What an Admin does with the account of someone else. Each asks for a reason; the server asks for a confirmation too.
import { roleName } from '@sluice/contract/api';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog } from '@/ui/action-dialog.tsx';
import { TextField } from '@/ui/field.tsx';
import { RoleFields, roleOf } from './role-fields.tsx';
import type { SessionRow, User } from './types.ts';

const ended = (count: number): string => `${count} session${count === 1 ? '' : 's'} ended.`;

export function ChangeRole({ user }: { user: User }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Change role"
      title={`Role of ${user.email}`}
      touches="Ends the sessions of this account: it signs in again with the new role."
      confirm="Change it"
      run={async (form, reason) => {
        const wanted = roleOf(form);
        const { sessionsEnded } = await client.users.setRole.mutate({ id: user.id, ...wanted, reason });
        return { done: `Now ${roleName(wanted.role)}. ${ended(sessionsEnded)}` };
      }}
    >
      <RoleFields role={user.role} tenantId={user.tenantId} />
    </ActionDialog>
  );
}

export function SwitchAccount({ user }: { user: User }) {
  const client = useTRPCClient();
  const word = user.disabled ? 'Enable' : 'Disable';
  return (
    <ActionDialog
      trigger={word}
      title={`${word} ${user.email}`}
      touches={
        user.disabled
          ? 'The account signs in again with the password and second factor it had.'
          : 'Its sessions end at once and it signs in nowhere. It keeps its name in the audit record, and can be enabled again.'
      }
      confirm={word}
      danger={!user.disabled}
      run={async (_form, reason) => {
        const { sessionsEnded } = await client.users.setDisabled.mutate({ id: user.id, disabled: !user.disabled, reason });
        return { done: user.disabled ? 'Enabled.' : `Disabled. ${ended(sessionsEnded)}` };
      }}
    />
  );
}

export function Grant({ user }: { user: User }) {
  const client = useTRPCClient();
  if (user.role === 'owner' || user.role === 'admin') return null;
  const [trigger, done] = user.personalData
    ? ['Hide personal data', 'Addresses are shown to this account in part from now on.']
    : ['Show personal data', 'Addresses are shown to this account whole from now on.'];
  return (
    <ActionDialog
      trigger={trigger}
      title={`${trigger}: ${user.email}`}
      touches="Decides whether this account sees whole addresses of recipients, and what mail says."
      confirm={trigger}
      run={async (_form, reason) => {
        await client.users.setGrants.mutate({ id: user.id, personalData: !user.personalData, reason });
        return { done };
      }}
    />
  );
}

export function ResetPassword({ user }: { user: User }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Reset password"
      title={`Reset the password of ${user.email}`}
      touches="Ends the sessions of this account. Hand the new password over in person, and let it be changed at once."
      confirm="Reset it"
      danger
      run={async (form, reason) => {
        const password = form.get('password');
        const input = { email: user.email, password: typeof password === 'string' ? password : '', reason };
        return { done: `Changed. ${ended((await client.users.resetPassword.mutate(input)).sessionsEnded)}` };
      }}
    >
      <TextField label="New password" name="password" type="password" autoComplete="new-password" required minLength={12} maxLength={200} />
    </ActionDialog>
  );
}

export function ResetSecondFactor({ user }: { user: User }) {
  const client = useTRPCClient();
  if (user.secondFactorAt === null) return null;
  return (
    <ActionDialog
      trigger="Reset second factor"
      title={`Reset the second factor of ${user.email}`}
      touches="For who has lost the app and the recovery codes. The password alone signs in then, until another second factor is set up: be sure who asks."
      confirm="Reset it"
      danger
      run={async (_form, reason) => {
        const { sessionsEnded } = await client.users.resetSecondFactor.mutate({ email: user.email, reason });
        return { done: `The second factor is gone. ${ended(sessionsEnded)}` };
      }}
    />
  );
}

/** `session` null: all of the account. */
export function EndSessions({ user, session }: { user: User; session: SessionRow | null }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger={session === null ? 'End all' : 'End'}
      triggerLabel={
        session === null ? `End all sessions of ${user.email}` : `End the session from ${session.address ?? 'an unknown address'}`
      }
      title={session === null ? `End all sessions of ${user.email}` : `End a session of ${user.email}`}
      touches="Whoever uses it is asked to sign in again."
      confirm="End"
      danger
      run={async (_form, reason) => {
        const { ended: count } = await client.users.revokeSession.mutate({ userId: user.id, sessionId: session?.id ?? null, reason });
        return { done: ended(count) };
      }}
    />
  );
}
