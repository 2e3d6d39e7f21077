'use client';
// What Sluice decided by itself: every time it slowed down, suspended, held back or let go, in a sentence that says why and until when.
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { DecisionKind } from '@sluice/contract';
import type { DecisionView } from '@sluice/contract/api';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Choice } from '@/ui/choice.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { usePages } from '@/ui/pages-of.ts';
import { NothingMatches, NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';

const pollMs = 5_000;
const pageSize = 50;
const shows = ['all', 'alerts', 'automation', 'warm-up', 'sources'] as const;
const kindShown: Partial<Record<(typeof shows)[number], DecisionKind>> = {
  automation: 'automation',
  'warm-up': 'warm_up',
  sources: 'source_health',
};

export const kindWords: Record<DecisionKind, string> = {
  automation: 'Automation',
  warm_up: 'Warm-up',
  source_health: 'Source health',
};

export function DecisionTable({ decisions, label }: { decisions: readonly DecisionView[]; label: string }) {
  const now = useNow();
  return (
    <Table label={label} head={['What', 'When', 'By', 'Node']}>
      {decisions.map((decision) => (
        <Row key={decision.id}>
          <Name className="min-w-80 font-normal">
            {decision.alert && (
              <Status tone="warn" className="mr-2">
                Alert
              </Status>
            )}
            {decision.sentence}
          </Name>
          <Cell className="whitespace-nowrap">
            <time dateTime={decision.at} title={stampUtc(decision.at)}>
              {now > 0 ? relative(decision.at, now) : stampUtc(decision.at)}
            </time>
          </Cell>
          <Cell className="whitespace-nowrap">{kindWords[decision.kind]}</Cell>
          <Cell>{decision.node}</Cell>
        </Row>
      ))}
    </Table>
  );
}

export function Decisions() {
  const client = useTRPCClient();
  const [show, setShow] = useQueryState('show', parseAsStringLiteral(shows).withDefault('all'));
  const query = usePages({
    key: ['decisions.list', show],
    fetchPage: (cursor, signal) => {
      const filter = { kind: kindShown[show], alerts: show === 'alerts' };
      return client.decisions.list.query({ limit: pageSize, cursor, ...filter }, { signal });
    },
    pollMs,
  });
  return (
    <>
      <PageHead title="Decisions" actions={<Choice label="Show" value={show} options={shows} onChange={(next) => void setShow(next)} />}>
        What Sluice decided by itself, and why. What operators did is under Audit.
      </PageHead>
      <Card title="What Sluice decided" hint={<Updated query={query} />} flush>
        <Loaded query={query} rows={8}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.items);
            if (rows.length > 0) return <DecisionTable decisions={rows} label="Decisions" />;
            return show === 'all' ? (
              <NothingYet title="Nothing was decided yet">
                When a provider defers or refuses too much, Sluice slows down by itself and says so here.
              </NothingYet>
            ) : (
              <NothingMatches title="No decision of this kind" onClear={() => void setShow('all')}>
                Others may be there.
              </NothingMatches>
            );
          }}
        </Loaded>
        <More query={query} />
      </Card>
    </>
  );
}
