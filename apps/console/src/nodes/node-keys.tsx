'use client';
// Which nodes may open private keys and passwords: a node that asks waits until somebody has compared its fingerprint.
import { useQuery } from '@tanstack/react-query';
import type { NodeKeyView } from '@sluice/contract/api';
import { plural } from '@/format/number.ts';
import { stampUtc } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status, type Tone } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';

const pollMs = 10_000;

function stateOf({ state, ready }: NodeKeyView): [Tone, string] {
  if (state === 'pending') return ['warn', 'Waits'];
  if (state === 'removed') return ['quiet', 'Removed'];
  return ready ? ['good', 'Enrolled'] : ['info', 'Enrolled, not ready yet'];
}

function Enrol({ nodeKey }: { nodeKey: NodeKeyView }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={nodeKey.state === 'pending'}
      trigger="Enrol"
      triggerLabel={`Enrol ${nodeKey.node}`}
      title={`Enrol ${nodeKey.node}`}
      touches={`From then on it can open every private key and password. Compare ${nodeKey.fingerprint} with what the node wrote into its own log.`}
      confirm="Enrol"
      run={async (_form, reason) => {
        const { node } = await client.nodes.enroll.mutate({ keyId: nodeKey.id, reason });
        return { done: `${node} is enrolled. It takes the keys within seconds.` };
      }}
    />
  );
}

function Remove({ nodeKey }: { nodeKey: NodeKeyView }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      offered={nodeKey.state !== 'removed'}
      trigger="Remove"
      triggerLabel={`Remove ${nodeKey.node}`}
      title={`Remove ${nodeKey.node}`}
      touches="It opens nothing that is sealed from then on: there is a new fleet key, and all secrets are sealed for it. What it has opened before it may still know."
      confirm="Remove"
      danger
      run={async (_form, reason) => {
        const { node } = await client.nodes.remove.mutate({ keyId: nodeKey.id, reason });
        return { done: `${node} is removed, and there is a new fleet key.` };
      }}
    />
  );
}

function Keys({ keys }: { keys: readonly NodeKeyView[] }) {
  const mayChange = useMay('nodes.enroll');
  return (
    <Table label="Keys of nodes" head={['Node', 'State', 'Fingerprint', 'Asked (UTC)', 'Decided by']} actions={mayChange}>
      {keys.map((key) => {
        const [tone, word] = stateOf(key);
        return (
          <Row key={key.id}>
            <Name>{key.node}</Name>
            <Cell>
              <Status tone={tone}>{word}</Status>
            </Cell>
            <Cell className="whitespace-nowrap">
              <Mono>{key.fingerprint}</Mono>
            </Cell>
            <Cell className="whitespace-nowrap">{stampUtc(key.reportedAt)}</Cell>
            <Cell>{key.decidedBy ?? '—'}</Cell>
            {mayChange && (
              <Cell className="space-x-2 text-right whitespace-nowrap">
                <Enrol nodeKey={key} />
                <Remove nodeKey={key} />
              </Cell>
            )}
          </Row>
        );
      })}
    </Table>
  );
}

/** For those who see the whole installation. */
export function NodeKeys() {
  const trpc = useTRPC();
  const keys = useQuery(trpc.nodes.keys.queryOptions(undefined, { refetchInterval: pollMs }));
  const status = useQuery(trpc.secrets.status.queryOptions(undefined, { refetchInterval: pollMs }));
  const waiting = status.data?.waiting ?? 0;
  return (
    <Card title="Who may open secrets" hint={<Updated query={keys} />} flush>
      <Loaded query={keys} rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <NothingYet title="No node has made itself known">A node makes its key at its first start and then waits here.</NothingYet>
          ) : (
            <Keys keys={rows} />
          )
        }
      </Loaded>
      {waiting > 0 && (
        <p className="border-t border-border px-4 py-2 text-sm">
          {plural(waiting, 'secret waits', 'secrets wait')} to be sealed for the keys in force. Nodes can open them meanwhile.
        </p>
      )}
    </Card>
  );
}
