// How far warm-up plans came in a simulation: asked of the engine as the console asks a node.
import type { Answer, Question, WarmUpDay, WarmUpLadderRow } from '@sluice/contract';

export type WarmUpReport = {
  planId: string;
  /** Each source on its way with one group of providers, as it stands at the end. */
  ladders: WarmUpLadderRow[];
  /** Past days as sums over the plan, oldest first. */
  days: WarmUpDay[];
};

type Ask = (question: Question) => Promise<Answer>;

export async function warmUpReports(ask: Ask): Promise<WarmUpReport[]> {
  const all = await asked(ask, null);
  const reports: WarmUpReport[] = [];
  for (const { planId } of all?.plans ?? []) {
    const one = await asked(ask, planId);
    if (one) reports.push({ planId, ladders: one.ladders, days: one.days });
  }
  return reports;
}

async function asked(ask: Ask, planId: string | null): Promise<Extract<Answer, { kind: 'warm_ups' }> | null> {
  const answer = await ask({ kind: 'warm_ups', planId, sourceId: null, group: null });
  return answer.kind === 'warm_ups' ? answer : null;
}
