'use client';
// Each delivery node: what it runs, how it does, its largest queues, and why it refused a revision.
import type { NodeHealth } from '@sluice/contract/api';
import { useNamed } from '@/entities/entities.ts';
import { CommandCard } from '@/egress/commands.tsx';
import { count } from '@/format/number.ts';
import { useLive } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { nodeStates } from '@/shell/node-summary.tsx';
import { useMay, useSeesAll } from '@/session/me.tsx';
import { Card } from '@/ui/card.tsx';
import { NoDataArriving, NothingYet, Skeleton } from '@/ui/states.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { Damage, isDamaged } from './damage.tsx';
import { NodeKeys } from './node-keys.tsx';
import { NodeTable } from './node-table.tsx';
import { TlsReports } from './tls-reports.tsx';

function Refusal({ node }: { node: NodeHealth }) {
  return (
    <Card
      title={`Why ${node.node} refused revision ${node.headRevision}`}
      hint={`It goes on with revision ${node.revision ?? 'none'}. Mend these entities; the next revision is offered at once.`}
      flush
    >
      <Table label={`Problems on ${node.node}`} head={['Kind', 'Id', 'Field', 'Problem']}>
        {node.problems.map((problem, index) => (
          <Row key={index}>
            <Name>{problem.kind}</Name>
            <Cell>
              <Mono>{problem.id}</Mono>
            </Cell>
            <Cell>
              <Mono>{problem.field || '(whole)'}</Mono>
            </Cell>
            <Cell>{problem.message}</Cell>
          </Row>
        ))}
      </Table>
    </Card>
  );
}

function LargestQueues({ node }: { node: NodeHealth }) {
  const queues = node.frame?.topQueues ?? [];
  const tenantIds = queues.map(({ tenantId }) => tenantId);
  const tenants = useNamed('tenant', tenantIds);
  return (
    <Card title={`Largest queues on ${node.node}`} hint={nodeStates[node.state].meaning} flush>
      {queues.length === 0 ? (
        <NothingYet title="No mail is waiting">Queues appear here while mail waits for its next attempt.</NothingYet>
      ) : (
        <Table label={`Largest queues on ${node.node}`} head={['Destination', 'Tenant', 'Campaign', 'Entries']}>
          {queues.map((queue) => (
            <Row key={`${queue.tenantId} ${queue.streamId} ${queue.campaign ?? ''} ${queue.domain}`}>
              <Name>
                <Mono>{queue.domain}</Mono>
              </Name>
              <Cell>{tenants.get(queue.tenantId)?.name ?? '—'}</Cell>
              <Cell>{queue.campaign ?? '—'}</Cell>
              <Cell>{count(queue.count)}</Cell>
            </Row>
          ))}
        </Table>
      )}
    </Card>
  );
}

export function Nodes() {
  const { feed } = useLive();
  const nodes = feed.tick?.nodes;
  const seesAll = useSeesAll();
  const seesKeys = useMay('nodes.keys');
  return (
    <>
      <PageHead title="Nodes">Delivery nodes, live. A node takes each revision whole or refuses it and keeps the one before.</PageHead>
      <Card title="All nodes" flush>
        {nodes === undefined ? (
          <Skeleton rows={2} />
        ) : nodes.length === 0 ? (
          <NoDataArriving title="No delivery node has reported yet">
            Start the engine; it appears here within a second of its first frame.
          </NoDataArriving>
        ) : (
          <NodeTable nodes={nodes} />
        )}
      </Card>
      {nodes
        ?.filter((node) => isDamaged(node.frame))
        .map((node) => (
          <Damage key={node.node} node={node} />
        ))}
      {nodes
        ?.filter((node) => node.problems.length > 0)
        .map((node) => (
          <Refusal key={node.node} node={node} />
        ))}
      {nodes?.map((node) => (
        <LargestQueues key={node.node} node={node} />
      ))}
      {seesKeys && <NodeKeys />}
      {seesAll && <TlsReports />}
      <CommandCard />
    </>
  );
}
