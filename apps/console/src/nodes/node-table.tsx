'use client';
// Nodes as rows: state, revision, queue, connections, memory, and how much accounting log waits to be copied.
import type { NodeHealth } from '@sluice/contract/api';
import { bytes, count, milliseconds } from '@/format/number.ts';
import { relative } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useMay, useSeesAll } from '@/session/me.tsx';
import { nodeStates } from '@/shell/node-summary.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { isDamaged } from './damage.tsx';
import { NodeCommandDialog } from './node-command-dialog.tsx';

const none = '—';
const head = [
  'Node',
  'State',
  'Revision',
  'Accepting',
  'Ready',
  'Scheduled',
  'Held',
  'In / out',
  'Log to copy',
  'Loop delay',
  'Memory',
  'Last frame',
];

function NodeRow({ node, now, canCommand }: { node: NodeHealth; now: number; canCommand: boolean }) {
  const { word, tone, meaning } = nodeStates[node.state];
  const { frame } = node;
  return (
    <Row>
      <Name>
        <Mono>{node.node}</Mono>
      </Name>
      <Cell title={meaning}>
        <Status tone={tone}>{word}</Status>
        {isDamaged(frame) && (
          <Status tone="warn" className="mt-1">
            Damaged spool
          </Status>
        )}
      </Cell>
      <Cell className="whitespace-nowrap">
        {node.revision ?? none}
        {node.revision !== node.headRevision && <span className="text-muted"> of {node.headRevision}</span>}
      </Cell>
      <Cell>{frame === null ? none : frame.accepting ? 'yes' : 'no'}</Cell>
      <Cell>{frame === null ? none : count(frame.queue.ready)}</Cell>
      <Cell>{frame === null ? none : count(frame.queue.scheduled)}</Cell>
      <Cell>{frame === null ? none : count(frame.queue.held)}</Cell>
      <Cell className="whitespace-nowrap">
        {frame === null ? none : `${count(frame.connections.inbound)} / ${count(frame.connections.outbound)}`}
      </Cell>
      <Cell className="whitespace-nowrap">{frame === null ? none : bytes(frame.unshippedBytes)}</Cell>
      <Cell className="whitespace-nowrap">{frame === null ? none : milliseconds(frame.eventLoopDelayMs)}</Cell>
      <Cell className="whitespace-nowrap">{frame === null ? none : bytes(frame.residentBytes)}</Cell>
      <Cell className="whitespace-nowrap">{node.lastFrameAt === null || now === 0 ? none : relative(node.lastFrameAt, now)}</Cell>
      {canCommand && (
        <Cell>
          <NodeCommandDialog node={node.node} accepting={frame?.accepting ?? true} />
        </Cell>
      )}
    </Row>
  );
}

export function NodeTable({ nodes }: { nodes: readonly NodeHealth[] }) {
  const now = useNow();
  const mayCommand = useMay('commands.issue');
  const canCommand = useSeesAll() && mayCommand;
  return (
    <Table label="Delivery nodes" head={head} actions={canCommand}>
      {nodes.map((node) => (
        <NodeRow key={node.node} node={node} now={now} canCommand={canCommand} />
      ))}
    </Table>
  );
}
