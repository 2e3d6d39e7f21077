'use client';
// SMTP credentials. The password is shown once, when it is made; only a verifier is kept.
import { useQuery } from '@tanstack/react-query';
import { stampUtc } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { CopyValue } from '@/ui/copy.tsx';
import { SelectField, TextField } from '@/ui/field.tsx';
import { SearchedList, useListParts } from '@/ui/list-parts.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import type { Credential, Stream, Tenant } from './types.ts';

export function StreamField({ streams }: { streams: readonly Stream[] }) {
  return (
    <SelectField label="Stream" name="streamId" required>
      {streams.map((stream) => (
        <option key={stream.id} value={stream.id}>
          {stream.name}
        </option>
      ))}
    </SelectField>
  );
}

function CreateCredential({ tenant, streams }: { tenant: Tenant; streams: readonly Stream[] }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New credential"
      title={`New SMTP credential of ${tenant.name}`}
      touches="Whoever holds it can send as this tenant, from its own domains only."
      confirm="Make the credential"
      run={async (form, reason) => {
        const made = await client.credentials.create.mutate({
          tenantId: tenant.id,
          streamId: textOf(form, 'streamId'),
          username: textOf(form, 'username'),
          reason,
        });
        return {
          done: `Made with revision ${made.revision}. This is the only time the password is shown:`,
          more: (
            <div className="space-y-2">
              <CopyValue label="User name" value={made.username} />
              <CopyValue label="Password" value={made.password} />
            </div>
          ),
        };
      }}
    >
      <TextField
        label="User name"
        name="username"
        required
        pattern="[A-Za-z0-9._\-]{3,64}"
        hint="3 to 64 letters, digits, dots, underscores or hyphens."
      />
      <StreamField streams={streams} />
    </ActionDialog>
  );
}

function SwitchCredential({ credential }: { credential: Credential }) {
  const client = useTRPCClient();
  const [word, done] = credential.enabled ? ['Disable', 'Disabled'] : ['Enable', 'Enabled'];
  return (
    <ActionDialog
      trigger={word}
      triggerLabel={`${word} ${credential.username}`}
      title={`${word} ${credential.username}`}
      touches={
        credential.enabled
          ? 'Submission with it is refused from the next sign-in on; mail already accepted is still sent.'
          : 'Submission with it is accepted again.'
      }
      confirm={word}
      run={async (_form, reason) => {
        const { revision } = await client.credentials.setEnabled.mutate({ id: credential.id, enabled: !credential.enabled, reason });
        return { done: `${done} with revision ${revision}.` };
      }}
    />
  );
}

export function Credentials({ tenant }: { tenant: Tenant }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const credentials = useListParts({
    key: ['credentials.list', tenant.id],
    fetchPart: (part, signal) => client.credentials.list.query({ tenantId: tenant.id, ...part }, { signal }),
    keyOf: ({ username }) => username,
    pollMs: false,
    name: 'credential',
  });
  const streams = useQuery(trpc.streams.list.queryOptions({ tenantId: tenant.id }));
  const canChange = useMay('credentials.create');
  const head = ['User name', 'State', 'Stream', 'Made (UTC)'];
  return (
    <Card
      title="SMTP credentials"
      actions={canChange && streams.data && streams.data.length > 0 && <CreateCredential tenant={tenant} streams={streams.data} />}
      flush
    >
      <SearchedList
        parts={credentials}
        label="Find a credential"
        nothing={
          <NothingYet title="No credentials yet">
            A mail client needs one to hand in mail for this tenant. It belongs to a stream.
          </NothingYet>
        }
        oneOfSeveral
      >
        {(list) => (
          <Table label={`SMTP credentials of ${tenant.name}`} head={head} actions={canChange}>
            {list.map((credential) => (
              <Row key={credential.id}>
                <Name>
                  <Mono>{credential.username}</Mono>
                </Name>
                <Cell>
                  {credential.passwordMissing ? (
                    <Status tone="warn">Password missing</Status>
                  ) : credential.enabled ? (
                    <Status tone="good">Enabled</Status>
                  ) : (
                    <Status tone="quiet">Disabled</Status>
                  )}
                </Cell>
                <Cell>{streams.data?.find((stream) => stream.id === credential.streamId)?.name ?? '—'}</Cell>
                <Cell className="whitespace-nowrap">{stampUtc(credential.createdAt)}</Cell>
                {canChange && (
                  <Cell className="text-right">
                    <SwitchCredential credential={credential} />
                  </Cell>
                )}
              </Row>
            ))}
          </Table>
        )}
      </SearchedList>
    </Card>
  );
}
