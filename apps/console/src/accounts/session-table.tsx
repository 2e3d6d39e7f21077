'use client';
// Where an account is signed in.
import type { ReactNode } from 'react';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { agentName } from './agent.ts';
import type { SessionRow } from './types.ts';

type SessionTableProps = { label: string; sessions: readonly SessionRow[]; actions?: (session: SessionRow) => ReactNode };

export function SessionTable({ label, sessions, actions }: SessionTableProps) {
  const now = useNow();
  return (
    <Table label={label} head={['Browser', 'Address', 'Began (UTC)', 'Last used', 'Second factor']} actions={actions !== undefined}>
      {sessions.map((session) => (
        <Row key={session.id}>
          <Name>
            <span title={session.agent ?? undefined}>{agentName(session.agent)}</span>
            {session.current && (
              <Status tone="info" className="ml-2">
                This one
              </Status>
            )}
          </Name>
          <Cell>{session.address === null ? '—' : <Mono>{session.address}</Mono>}</Cell>
          <Cell className="whitespace-nowrap">{stampUtc(session.createdAt)}</Cell>
          <Cell className="whitespace-nowrap">{now === 0 ? stampUtc(session.lastUsedAt) : relative(session.lastUsedAt, now)}</Cell>
          <Cell>{session.secondFactor ? <Status tone="good">Yes</Status> : <Status tone="quiet">No</Status>}</Cell>
          {actions && <Cell className="text-right">{actions(session)}</Cell>}
        </Row>
      ))}
    </Table>
  );
}
