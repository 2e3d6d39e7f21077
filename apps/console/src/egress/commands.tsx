'use client';
// Commands given to nodes and what each node said about them.
import { useQuery } from '@tanstack/react-query';
import { CirclePause, CirclePlay } from 'lucide-react';
import type { z } from 'zod';
import type { commandView } from '@sluice/contract/api';
import { clockUtc, stampUtc } from '@/format/time.ts';
import { useSeesAll } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status, type Tone } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';

const pollMs = 5_000;
const shown = 20;
type Command = z.infer<typeof commandView>;
const commandWords: Record<Command['kind'], string> = {
  suspend: 'Suspend',
  resume: 'Resume',
  retry: 'Retry now',
  cancel: 'Cancel',
  bounce: 'Bounce',
  move: 'Move',
  drain: 'Drain',
  undrain: 'Take mail again:',
  flush_dns: 'Flush DNS of',
  flush_connections: 'Flush connections of',
  withdraw: 'Withdraw what was given for',
};
const resultTones: Record<Command['results'][number]['status'], { tone: Tone; word: string }> = {
  seen: { tone: 'info', word: 'seen' },
  applied: { tone: 'good', word: 'applied' },
  failed: { tone: 'bad', word: 'failed' },
};

function CommandRow({ command }: { command: Command }) {
  return (
    <Row>
      <Cell className="whitespace-nowrap">{stampUtc(command.issuedAt)}</Cell>
      <Name className="whitespace-nowrap">
        {commandWords[command.kind]} {command.touches.replace(/^source /, '')}
      </Name>
      <Cell>
        {command.active ? (
          <Status tone="warn" icon={CirclePause}>
            {command.expiresAt === null ? 'In force' : `In force until ${clockUtc(command.expiresAt)}`}
          </Status>
        ) : (
          <Status tone="quiet" icon={CirclePlay}>
            Over
          </Status>
        )}
      </Cell>
      <Cell>{command.reason}</Cell>
      <Cell>{command.issuedBy}</Cell>
      <Cell>
        {command.results.length === 0 ? (
          <span className="text-muted">no node has seen it yet</span>
        ) : (
          <ul className="space-y-1">
            {command.results.map((result) => (
              <li key={result.node}>
                <Status tone={resultTones[result.status].tone}>{`${result.node} ${resultTones[result.status].word}`}</Status>{' '}
                <span className="text-xs text-muted">
                  {result.matched} entries{result.message && `; ${result.message}`}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Cell>
    </Row>
  );
}

function Commands() {
  const trpc = useTRPC();
  const commands = useQuery(trpc.commands.list.queryOptions({ limit: shown }, { refetchInterval: pollMs }));
  return (
    <Card title="Commands" hint={<Updated query={commands} />} flush>
      <Loaded query={commands} rows={3}>
        {(list) =>
          list.length === 0 ? (
            <NothingYet title="No commands yet">Suspending or resuming a source shows up here, with what each node answered.</NothingYet>
          ) : (
            <Table label="Commands" head={['Given (UTC)', 'Command', 'State', 'Reason', 'By', 'Nodes']}>
              {list.map((command) => (
                <CommandRow key={command.id} command={command} />
              ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}

export function CommandCard() {
  return useSeesAll() ? <Commands /> : null;
}
