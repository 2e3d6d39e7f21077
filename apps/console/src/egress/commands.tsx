'use client';
// Commands given to nodes, what each node said about them, and the way to end one before its time.
import { useQuery } from '@tanstack/react-query';
import { CirclePause, CirclePlay } from 'lucide-react';
import type { z } from 'zod';
import type { commandView } from '@sluice/contract/api';
import { countdown, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog } from '@/ui/action-dialog.tsx';
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
  probe_source: 'Check',
  use_source: 'Use anyway:',
  withdraw: 'Withdraw what was given for',
  cancel_action: 'End an automatic action on',
  pin_action: 'Pin an automatic action on',
  unpin_action: 'Let go an automatic action on',
  warm_up_skip: 'Skip a warm-up day of',
  warm_up_step_back: 'Step a warm-up back for',
  warm_up_restart: 'Restart the warm-up of',
};
const resultTones: Record<Command['results'][number]['status'], { tone: Tone; word: string }> = {
  seen: { tone: 'info', word: 'seen' },
  applied: { tone: 'good', word: 'applied' },
  failed: { tone: 'bad', word: 'failed' },
};

function Withdraw({ command }: { command: Command }) {
  const client = useTRPCClient();
  const about = `${commandWords[command.kind]} ${command.touches}`;
  return (
    <ActionDialog
      trigger="Withdraw"
      triggerLabel={`Withdraw ${about}`}
      title={`Withdraw: ${about}`}
      touches="Ends it before its time. What it has already cancelled, bounced or sent stays so."
      confirm="Withdraw"
      run={async (_form, reason) => {
        await client.commands.withdraw.mutate({ id: command.id, reason });
        return { done: 'Withdrawn. Nodes apply it within a second.' };
      }}
    />
  );
}

function CommandState({ command }: { command: Command }) {
  const now = useNow();
  if (!command.active) {
    return (
      <Status tone="quiet" icon={CirclePlay}>
        Over
      </Status>
    );
  }
  const { startsAt, expiresAt } = command;
  const begins = startsAt !== null && now !== 0 && Date.parse(startsAt) > now;
  return (
    <Status tone="warn" icon={CirclePause}>
      {begins
        ? `Begins in ${countdown(startsAt, now)}`
        : expiresAt === null || now === 0
          ? 'In force'
          : `In force, ${countdown(expiresAt, now)} left`}
    </Status>
  );
}

function CommandRow({ command, canWithdraw }: { command: Command; canWithdraw: boolean }) {
  return (
    <Row>
      <Cell className="whitespace-nowrap">{stampUtc(command.issuedAt)}</Cell>
      <Name className="whitespace-nowrap">
        {commandWords[command.kind]} {command.touches.replace(/^source /, '')}
      </Name>
      <Cell>
        <CommandState command={command} />
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
      <Cell>{command.active && canWithdraw && <Withdraw command={command} />}</Cell>
    </Row>
  );
}

export function CommandCard() {
  const canWithdraw = useMay('commands.withdraw');
  const trpc = useTRPC();
  const commands = useQuery(trpc.commands.list.queryOptions({ limit: shown }, { refetchInterval: pollMs }));
  return (
    <Card title="Commands" hint={<Updated query={commands} />} flush>
      <Loaded query={commands} rows={3}>
        {(list) =>
          list.length === 0 ? (
            <NothingYet title="No commands yet">What nodes are told to do now shows up here, with what each of them answered.</NothingYet>
          ) : (
            <Table label="Commands" head={['Given (UTC)', 'Command', 'State', 'Reason', 'By', 'Nodes']} actions>
              {list.map((command) => (
                <CommandRow key={command.id} command={command} canWithdraw={canWithdraw} />
              ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}
