// What this node tells of its sources when asked: those that are out first, then those whose names want a look.
import { maxSourcesAnswered, type Answer, type SourceBody, type SourceHealthRow } from '@sluice/contract';
import type { WithId } from '../config/generation.ts';
import { FirstFew } from '../first-few.ts';
import type { Sliced } from '../queue/slices.ts';
import type { Worker } from '../queue/worker.ts';

/** Sources looked at in one step. */
const atOnce = 64;

export function* sourceHealthAnswer(worker: Worker): Sliced<Answer> {
  const first = new FirstFew<SourceHealthRow>(maxSourcesAnswered, (a, b) => rank(a) - rank(b));
  let total = 0;
  for (const source of worker.generation().sources()) {
    if (source.node !== null && source.node !== worker.node) continue;
    if (++total % atOnce === 0) yield;
    first.offer(rowOf(worker, source));
  }
  return { kind: 'source_health', sources: [...first.items()], total };
}

function rank({ state, names }: SourceHealthRow): number {
  if (state !== 'in_use') return 0;
  return names === null || names.state === 'good' ? 2 : 1;
}

function rowOf({ health, names, commands, clock }: Worker, source: WithId<SourceBody>): SourceHealthRow {
  const out = health.outOf(source.id);
  const anyway = commands.usedAnywayUntil(source.id, clock.nowMs());
  return {
    sourceId: source.id,
    state: out ? (anyway === null ? 'out' : 'used_anyway') : 'in_use',
    ...{ reason: out?.reason ?? null, detail: out?.detail ?? null, sinceMs: out ? Math.floor(out.sinceMs) : null },
    ...{ probes: out?.probes ?? 0, lastProbe: out?.lastProbe ?? null, nextProbeMs: out ? Math.ceil(out.nextProbeMs) : null },
    usedAnywayUntilMs: anyway === null ? null : Math.ceil(anyway),
    names: names.of(source),
  };
}
