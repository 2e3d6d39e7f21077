'use client';
// Invitations: made here, handed over by whoever makes them, shown until they are over.
import { useQuery } from '@tanstack/react-query';
import { roleName } from '@sluice/contract/api';
import { stampUtc } from '@/format/time.ts';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { CopyValue } from '@/ui/copy.tsx';
import { TextField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status, type Tone } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { RoleFields, roleOf } from './role-fields.tsx';
import type { Invitation } from './types.ts';

const states: Record<Invitation['state'], { word: string; tone: Tone }> = {
  open: { word: 'Open', tone: 'info' },
  accepted: { word: 'Accepted', tone: 'good' },
  revoked: { word: 'Revoked', tone: 'quiet' },
  expired: { word: 'Expired', tone: 'quiet' },
};

export function Invite() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Invite"
      triggerLook="primary"
      title="Invite someone"
      touches="Makes a link with which its holder makes an account of this role. It works once, for seven days. You hand it over yourself."
      confirm="Make the link"
      run={async (form, reason) => {
        const personalData = form.get('personalData') === 'on';
        const made = await client.invitations.create.mutate({ email: textOf(form, 'email'), ...roleOf(form), personalData, reason });
        return {
          done: `This is the only time the link is shown. It works until ${stampUtc(made.expiresAt)}:`,
          more: <CopyValue label="Link" value={made.url} />,
        };
      }}
    >
      <TextField label="E-mail address" name="email" type="email" required maxLength={254} />
      <RoleFields />
      <label className="flex items-start gap-2 text-sm">
        <input type="checkbox" name="personalData" className="mt-1" />
        <span>Sees whole addresses of recipients, and what mail says. Owners and Admins do anyway.</span>
      </label>
    </ActionDialog>
  );
}

function Revoke({ invitation }: { invitation: Invitation }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={invitation.state === 'open'}
      trigger="Revoke"
      triggerLabel={`Revoke the invitation of ${invitation.email}`}
      title={`Revoke the invitation of ${invitation.email}`}
      touches="The link works no more. An account that was made with it stays."
      confirm="Revoke it"
      danger
      run={async (_form, reason) => {
        await client.invitations.revoke.mutate({ id: invitation.id, reason });
        return { done: 'The invitation is revoked.' };
      }}
    />
  );
}

export function Invitations() {
  const trpc = useTRPC();
  const invitations = useQuery(trpc.invitations.list.queryOptions());
  return (
    <Card title="Invitations" hint="of the last 30 days" flush>
      <Loaded query={invitations} rows={2}>
        {(list) =>
          list.length === 0 ? (
            <NothingYet title="No invitations">
              An invitation is a link with which someone makes an account and chooses its password.
            </NothingYet>
          ) : (
            <Table label="Invitations" head={['E-mail address', 'Role', 'State', 'Invited by', 'Works until (UTC)']} actions>
              {list.map((invitation) => (
                <Row key={invitation.id}>
                  <Name>{invitation.email}</Name>
                  <Cell>{roleName(invitation.role)}</Cell>
                  <Cell>
                    <Status tone={states[invitation.state].tone}>{states[invitation.state].word}</Status>
                  </Cell>
                  <Cell>{invitation.invitedBy}</Cell>
                  <Cell className="whitespace-nowrap">{stampUtc(invitation.expiresAt)}</Cell>
                  <Cell className="text-right">
                    <Revoke invitation={invitation} />
                  </Cell>
                </Row>
              ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}
