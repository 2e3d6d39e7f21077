// Limits as they are used now, for operators who look: of each the number of its counters, who waits, and the fullest few. Walks all
// counters in steps; changes nothing.
import type { LimitCounter, LimitInUse } from '@sluice/contract';
import type { CounterTable } from './counter-table.ts';
import { availableAt, useOf, waiting, type Counter } from './limit-counter.ts';
import { burstOf, type LimitRule } from './limit-set.ts';
import { everyFew, type Steps } from './steps.ts';

type Told = LimitInUse & { fullest: LimitCounter[] };

export function* usingLimits(table: CounterTable, most: number, nowMs: number): Steps<Map<string, LimitInUse>> {
  const told = new Map<string, Told>();
  const due = everyFew();
  for (const [, counter] of table.entries()) {
    if (due()) yield;
    const rule = counter.live ? table.rule(counter.rule.id) : undefined;
    if (!rule) continue;
    const limit = told.get(rule.id) ?? unused(rule);
    told.set(rule.id, limit);
    limit.counters++;
    limit.waiting += waiting(counter);
    offer(limit.fullest, counterOf(counter, nowMs), most);
  }
  return told;
}

function unused(rule: LimitRule): Told {
  const { id, kind, where, by, count, perSeconds, name } = rule;
  const burst = burstOf(rule);
  return { ...{ id, kind, where, by, count, perSeconds, burst }, setBySelf: name ?? null, counters: 0, waiting: 0, fullest: [] };
}

function counterOf(counter: Counter, nowMs: number): LimitCounter {
  const at = availableAt(counter, 1, nowMs);
  return {
    values: counter.rule.by.length === 0 ? [] : counter.key.split('\0').slice(1),
    ...useOf(counter, nowMs),
    waiting: waiting(counter),
    clearsAt: at === null || at <= nowMs ? null : Math.ceil(at),
  };
}

/** Those in line count most, then the share that is used. */
const rank = ({ used, of, waiting: line }: LimitCounter): number => line + used / Math.max(1, of);

function offer(fullest: LimitCounter[], counter: LimitCounter, most: number): void {
  const last = fullest.at(-1);
  if (fullest.length >= most && last && rank(last) >= rank(counter)) return;
  const at = fullest.findIndex((one) => rank(one) < rank(counter));
  fullest.splice(at === -1 ? fullest.length : at, 0, counter);
  if (fullest.length > most) fullest.pop();
}
