'use client';
// All warm-up plans: how far each is, what of today is used, and when it should be over.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { count, plural } from '@/format/number.ts';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { CreatePlan } from './plan-form.tsx';
import { dayWords, stateOf } from './words.ts';

const pollMs = 5_000;

export function Silent({ nodes }: { nodes: readonly string[] }) {
  if (nodes.length === 0) return null;
  return <p className="px-4 py-2 text-sm text-warn-text">No answer from {nodes.join(', ')}: what they send is not in these figures.</p>;
}

export function WarmUps() {
  const trpc = useTRPC();
  const plans = useQuery(trpc.warmUps.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const canChange = useMay('warmUps.create');
  return (
    <>
      <PageHead title="Warm-up" asks={['warmUps.create', 'warmUps.act']} actions={canChange && <CreatePlan />}>
        New sources send a little more each day, to each group of providers apart, as long as the answers are good.
      </PageHead>
      <Card title="Plans" hint={<Updated query={plans} />} flush>
        <Loaded query={plans}>
          {({ plans: list, silent }) => (
            <>
              <Silent nodes={silent} />
              {list.length === 0 ? (
                <NothingYet title="No plans yet">A source that no plan names sends as much as its pool gives it.</NothingYet>
              ) : (
                <Table label="Warm-up plans" head={['Plan', 'State', 'Stands at', 'Used today', 'Sources', 'Finishes about']}>
                  {list.map((plan) => {
                    const { tone, word } = stateOf(plan);
                    const { progress } = plan;
                    return (
                      <Row key={plan.id}>
                        <Name>
                          <Link href={`/warm-ups/${plan.id}`} prefetch={false} className="text-accent-strong hover:underline">
                            {plan.name}
                          </Link>
                        </Name>
                        <Cell>
                          <Status tone={tone}>{word}</Status>
                        </Cell>
                        <Cell className="whitespace-nowrap">{progress ? dayWords(progress) : ''}</Cell>
                        <Cell className="whitespace-nowrap">{progress ? `${count(progress.used)} of ${count(progress.ceiling)}` : ''}</Cell>
                        <Cell className="whitespace-nowrap">
                          {plural(plan.sources.length, 'source')}, {plural(plan.groups.length, 'group')}
                        </Cell>
                        <Cell className="whitespace-nowrap">{progress?.finishExpected ?? ''}</Cell>
                      </Row>
                    );
                  })}
                </Table>
              )}
            </>
          )}
        </Loaded>
      </Card>
    </>
  );
}
