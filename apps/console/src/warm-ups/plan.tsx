'use client';
// One warm-up plan: its days as a curve, each source with each group, what was decided and why, and what can be done.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { DecisionTable } from '@/decisions/decisions.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Choice } from '@/ui/choice.tsx';
import { SelectField } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Act, DeletePlan, Pause } from './acts.tsx';
import { LadderTable } from './ladder-table.tsx';
import { DayTable, PlanChart } from './plan-chart.tsx';
import { EditPlan } from './plan-form.tsx';
import type { WarmUpPlan } from './types.ts';
import { Silent } from './warm-ups.tsx';
import { dayWords, scheduleWords, stateOf } from './words.ts';

const pollMs = 5_000;
const decisionsShown = 50;
const views = ['chart', 'table'] as const;

function Facts({ plan }: { plan: WarmUpPlan }) {
  const trpc = useTRPC();
  const builtIn = useQuery(trpc.warmUps.schedules.queryOptions());
  const { tone, word } = stateOf(plan);
  const facts: readonly (readonly [string, string])[] = [
    ['Schedule', scheduleWords(plan.schedule, builtIn.data ?? [])],
    ['Days', `from ${plan.startsOn}, midnight in ${plan.zone}${plan.spread ? ', spread over the day' : ''}`],
    ['A day counts', `from ${plan.countsFromPercent}% of its ceiling attempted`],
    ['What exceeds it', plan.overflow === 'warm' ? 'leaves by the other sources of the pool' : 'waits for the warming sources'],
    ['Finishes about', plan.progress?.finishExpected ?? 'not known'],
  ];
  return (
    <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-2 lg:grid-cols-3">
      <div>
        <dt className="text-xs text-muted">State</dt>
        <dd className="flex items-center gap-2">
          <Status tone={tone}>{word}</Status>
          {plan.progress && dayWords(plan.progress)}
        </dd>
      </div>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-xs text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Decided({ id }: { id: string }) {
  const trpc = useTRPC();
  const decided = useQuery(trpc.decisions.list.queryOptions({ planId: id, limit: decisionsShown }, { refetchInterval: pollMs }));
  return (
    <Card title="What was decided, and why" hint={<Updated query={decided} />} flush>
      <Loaded query={decided}>
        {({ items }) =>
          items.length === 0 ? (
            <NothingYet title="Nothing was decided yet">Each day that ends is judged; what comes of it is said here.</NothingYet>
          ) : (
            <DecisionTable decisions={items} label="Decisions of this plan" />
          )
        }
      </Loaded>
    </Card>
  );
}

export function WarmUpPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const canChange = useMay('warmUps.update');
  const canAct = useMay('warmUps.act');
  const [sourceId, setSourceId] = useQueryState('source', parseAsString);
  const [group, setGroup] = useQueryState('group', parseAsString);
  const [view, setView] = useQueryState('view', parseAsStringLiteral(views).withDefault('chart'));
  const narrowed = { ...(sourceId !== null && { sourceId }), ...(group !== null && { group }) };
  const detail = useQuery(
    trpc.warmUps.get.queryOptions({ id, ...narrowed }, { refetchInterval: pollMs, placeholderData: keepPreviousData }),
  );
  return (
    <Loaded query={detail} rows={10}>
      {({ plan, ladders, total, days, silent }) => (
        <>
          <PageHead
            title={plan.name}
            asks={['warmUps.update', 'warmUps.act']}
            actions={
              canAct && (
                <>
                  {canChange && <EditPlan plan={plan} />}
                  <Pause plan={plan} />
                  <Act plan={plan} act="skip" />
                  <Act plan={plan} act="step_back" />
                  <Act plan={plan} act="restart" />
                  {canChange && <DeletePlan plan={plan} />}
                </>
              )
            }
          >
            Warms up {plan.sources.map(({ name }) => name).join(', ')}.
          </PageHead>
          <div className="space-y-4">
            <Card title="Plan">
              <Facts plan={plan} />
            </Card>
            <Card title="Show">
              <div className="grid gap-3 sm:grid-cols-2">
                <SelectField label="Source" value={sourceId ?? ''} onChange={(event) => void setSourceId(event.target.value || null)}>
                  <option value="">all sources</option>
                  {plan.sources.map((source) => (
                    <option key={source.id} value={source.id}>
                      {source.name}
                    </option>
                  ))}
                </SelectField>
                <SelectField label="Group" value={group ?? ''} onChange={(event) => void setGroup(event.target.value || null)}>
                  <option value="">all groups</option>
                  {plan.groups.map(({ name }) => (
                    <option key={name} value={name}>
                      {name}
                    </option>
                  ))}
                </SelectField>
              </div>
            </Card>
            <Card
              title="Days"
              hint={<Updated query={detail} />}
              actions={<Choice label="View" value={view} options={views} onChange={(next) => void setView(next)} />}
              flush={view === 'table'}
            >
              <Silent nodes={silent} />
              {days.length === 0 ? (
                <NothingYet title="No day has begun">The first is {plan.startsOn}.</NothingYet>
              ) : view === 'chart' ? (
                <PlanChart days={days} />
              ) : (
                <DayTable days={days} />
              )}
            </Card>
            <Card title="Sources and groups" flush>
              {ladders.length === 0 ? (
                <NothingYet title="No node reports these sources">A source is counted by the node that sends through it.</NothingYet>
              ) : (
                <LadderTable plan={plan} ladders={ladders} total={total} canChange={canAct} />
              )}
            </Card>
            <Decided id={id} />
          </div>
        </>
      )}
    </Loaded>
  );
}
