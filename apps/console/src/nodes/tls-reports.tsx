'use client';
// TLS with recipient domains: where it fails and why, and which domains were told. Counted by each node for the daily report of RFC 8460.
import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { NodeTlsReports } from '@sluice/contract/api';
import { count } from '@/format/number.ts';
import { stampUtc } from '@/format/time.ts';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status, type Tone } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';

const refreshMs = 60_000;
const policyWords = { sts: 'MTA-STS', tlsa: 'DANE', 'no-policy-found': 'none' } as const;
const states = {
  waiting: { tone: 'info', word: 'is tried again' },
  sent: { tone: 'good', word: 'sent' },
  failed: { tone: 'bad', word: 'given up' },
  not_wanted: { tone: 'quiet', word: 'not asked for' },
} as const satisfies Record<string, { tone: Tone; word: string }>;

/** Only for operators of the whole installation: the counts are sums over all tenants. */
export function TlsReports() {
  const trpc = useTRPC();
  const query = useQuery({ ...trpc.nodes.tlsReports.queryOptions(), refetchInterval: refreshMs });
  return (
    <Loaded query={query} rows={3}>
      {({ nodes, silent }) => (
        <>
          {nodes.map((node) => (
            <OfNode key={node.node} node={node} updated={<Updated query={query} />} />
          ))}
          {silent.length > 0 && <p className="text-sm text-muted">No answer about TLS from {silent.join(', ')}.</p>}
        </>
      )}
    </Loaded>
  );
}

function OfNode({ node, updated }: { node: NodeTlsReports; updated: ReactNode }) {
  const { policies, total, beyond, reports, from } = node;
  const failing = policies.filter((counts) => counts.failed > 0);
  const sessions = policies.reduce((sum, counts) => sum + counts.succeeded + counts.failed, 0);
  const failed = policies.reduce((sum, counts) => sum + counts.failed, 0);
  return (
    <Card title={`TLS with recipient domains from ${node.node}`} hint={updated} flush>
      <p className="p-4 text-sm">
        {count(sessions)} sessions with {count(total)} policies over three days, {count(failed)} failed.{' '}
        {from === null ? (
          <>
            Nobody is told: no stream is set to send reports. Give a stream the setting <Mono>tlsReportsFrom</Mono> to send them.
          </>
        ) : (
          <>
            Domains that ask for it get a daily report from <Mono>{from}</Mono>.
          </>
        )}
        {beyond > 0 && ` ${count(beyond)} sessions were not counted: too many domains in a day.`}
      </p>
      {failing.length === 0 ? (
        <NothingYet title="No TLS failure">Domains whose TLS fails appear here, with the host and the reason.</NothingYet>
      ) : (
        <Table label={`TLS failures from ${node.node}`} head={['Domain', 'Day', 'Policy', 'Good', 'Failed', 'Most of them']}>
          {failing.map((counts) => (
            <Row key={`${counts.day} ${counts.domain} ${counts.policyType}`}>
              <Name>
                <Mono>{counts.domain}</Mono>
              </Name>
              <Cell className="whitespace-nowrap">{counts.day}</Cell>
              <Cell>{policyWords[counts.policyType]}</Cell>
              <Cell>{count(counts.succeeded)}</Cell>
              <Cell>{count(counts.failed)}</Cell>
              <Cell>
                <Commonest failures={counts.failures} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {reports.length > 0 && <Sent node={node.node} reports={reports} />}
    </Card>
  );
}

function Commonest({ failures }: Pick<NodeTlsReports['policies'][number], 'failures'>) {
  const [first] = failures.toSorted((a, b) => b.count - a.count);
  if (!first) return '—';
  return (
    <>
      <Mono>{first.result}</Mono>
      {first.mxHost !== null && ` at ${first.mxHost}`}
      {first.reason !== null && <span className="block text-muted">{first.reason}</span>}
    </>
  );
}

function Sent({ node, reports }: { node: string; reports: NodeTlsReports['reports'] }) {
  return (
    <Table label={`TLS reports sent from ${node}`} head={['Report to', 'Of day', 'State', 'When', 'Where to']}>
      {reports.map(({ day, domain, state, at, to, detail }) => (
        <Row key={`${day} ${domain}`}>
          <Name>
            <Mono>{domain}</Mono>
          </Name>
          <Cell className="whitespace-nowrap">{day}</Cell>
          <Cell>
            <Status tone={states[state].tone}>{states[state].word}</Status>
            {detail !== null && <span className="block text-muted">{detail}</span>}
          </Cell>
          <Cell className="whitespace-nowrap">{stampUtc(new Date(at).toISOString())}</Cell>
          <Cell>{to.join(', ') || '—'}</Cell>
        </Row>
      ))}
    </Table>
  );
}
