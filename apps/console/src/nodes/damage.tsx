'use client';
// What of a node's mail cannot be read back from its disk: what, how much, since when, and what to do about it.
import type { MetricsFrame } from '@sluice/contract';
import type { NodeHealth } from '@sluice/contract/api';
import { count } from '@/format/number.ts';
import { stampUtc } from '@/format/time.ts';
import { Card } from '@/ui/card.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';

export const isDamaged = (frame: MetricsFrame | null): boolean => frame !== null && frame.damage.since !== null;

const rows = [
  ['stretches', 'Damaged stretches of the journal', 'Found by the start and kept aside in quarantine; what lies behind them was read.'],
  ['injections', 'Messages set aside', 'Their record or content is missing or damaged: no part of them is delivered.'],
  ['entries', 'Entries set aside', 'Recipients not attempted: of a message that cannot be read back, or of the other egress mode.'],
] as const;

export function Damage({ node: { node, frame } }: { node: NodeHealth }) {
  if (frame === null || frame.damage.since === null) return null;
  const { damage } = frame;
  return (
    <Card
      title={`Damaged spool on ${node}`}
      hint={<Status tone="warn">{`since ${stampUtc(new Date(damage.since ?? frame.at).toISOString())}`}</Status>}
      flush
    >
      <Table label={`Damage on ${node}`} head={['What', 'How many', 'Meaning']}>
        {rows.map(([key, what, meaning]) => (
          <Row key={key}>
            <Name>{what}</Name>
            <Cell>{count(damage[key])}</Cell>
            <Cell className="text-muted">{meaning}</Cell>
          </Row>
        ))}
      </Table>
      <div className="space-y-1 border-t border-border p-4 text-sm">
        <p>The node goes on with all mail that is whole. What to do:</p>
        <ol className="list-inside list-decimal space-y-1">
          <li>Look at the disk of the node before anything else: damage in the middle of a file is seldom the only one.</li>
          <li>
            Drain the node, stop it, and run <Mono>npm run -s sluice -- spool verify</Mono> there: it names each message and place.
          </li>
          <li>
            Save what is whole with <Mono>npm run -s sluice -- spool export FOLDER</Mono>. All steps are in{' '}
            <Mono>docs/damaged-spool.md</Mono>.
          </li>
        </ol>
      </div>
    </Card>
  );
}
