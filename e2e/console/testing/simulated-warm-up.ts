// What the node says of warm-up: one source is on its fourth day and held at one provider, the other is warm.
import type { Answer, WarmUpDay, WarmUpLadderRow } from '@sluice/contract';
import type { Configured } from './sample-configuration.ts';

const dayMs = 86_400_000;
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export function warmUpsAt({ sources, warmUpId: planId }: Configured, now: number): Extract<Answer, { kind: 'warm_ups' }> {
  const today = { attempted: 148, deferred: 36, blocked: 1, hardBounced: 2, complaints: 0 };
  const none = { attempted: 0, deferred: 0, blocked: 0, hardBounced: 0, complaints: 0 };
  const gates: WarmUpLadderRow['gates'] = [
    { gate: 'deferral', percent: 24.3, hold: 20, stepBack: 40, state: 'holds' },
    { gate: 'block', percent: 0.68, hold: 2, stepBack: 10, state: 'fine' },
    { gate: 'hardBounce', percent: 1.35, hold: 3, stepBack: 8, state: 'fine' },
    { gate: 'complaint', percent: 0, hold: 0.1, stepBack: 0.3, state: 'fine' },
  ];
  const ladders = sources
    .filter(({ pool }) => pool === 'bulk')
    .flatMap(({ id: sourceId }, index): WarmUpLadderRow[] => {
      const row = { planId, sourceId, stages: 6, date: dateOf(now), hour: null, reserved: 0, last: null } as const;
      if (index > 0)
        return ['Gmail', 'Others'].map((group) => ({
          ...{ ...row, group, status: 'finished', stage: 6, ceiling: 6_400, used: 0, open: 0, today: none, heldBy: null, opensAt: null },
          ...{
            gates: gates.map((gate) => ({ ...gate, percent: null, state: 'fine' as const })),
            finishEarliest: null,
            finishExpected: null,
          },
        }));
      const warming = { ...row, status: 'warming', stage: 4, ceiling: 1_600, opensAt: null } as const;
      const finish = { finishEarliest: dateOf(now + 3 * dayMs), finishExpected: dateOf(now + 5 * dayMs) };
      return [
        {
          ...{ ...warming, ...finish, group: 'Gmail', used: 148, reserved: 3, open: 12, today, gates },
          heldBy: '24 % of 148 attempts were deferred (the plan holds at 20 %)',
        },
        {
          ...{ ...warming, ...finish, group: 'Others', used: 700, open: 0, today: { ...none, attempted: 700 }, heldBy: null },
          ...{ gates: gates.map((gate) => ({ ...gate, percent: 0, state: 'fine' as const })), opensAt: now + 40_000 },
        },
      ];
    });
  const days = [200, 400, 800].map((ceiling, index): WarmUpDay => ({
    ...{ date: dateOf(now - (3 - index) * dayMs), stage: index + 1, ceiling: 2 * ceiling, attempted: 2 * ceiling - 9 * index },
    ...{ deferred: 10 * index, blocked: 0, hardBounced: index, complaints: 0, verdict: 'counted' },
  }));
  return {
    kind: 'warm_ups',
    plans: [
      {
        ...{ planId, ladders: 4, finished: 2, held: 1, fromStage: 4, toStage: 4, stages: 6, ceiling: 3_200, used: 848 },
        finishExpected: dateOf(now + 5 * dayMs),
      },
    ],
    ladders,
    total: ladders.length,
    days: [...days, { ...today, date: dateOf(now), stage: 4, ceiling: 3_200, attempted: 848, verdict: null }],
  };
}
