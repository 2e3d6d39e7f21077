// What a ladder decides, in a clause each: what became of the day, why, and what holds from now on.
import type { WarmUpWay } from './warm-up-set.ts';

export type WarmUpTurn = {
  readonly action: 'advance' | 'short' | 'hold' | 'step_back' | 'finish' | 'rewarm' | 'skip' | 'step_back_told' | 'restart';
  readonly day: number;
  /** Stages from 0. */
  readonly fromStage: number;
  readonly toStage: number;
  readonly reason: string;
  /** Without the names of plan, source and group. */
  readonly text: string;
  /** An operator should look at it. */
  readonly alert: boolean;
};

const alerts: ReadonlySet<WarmUpTurn['action']> = new Set(['hold', 'step_back']);

type Ladder = { readonly way: WarmUpWay; readonly stage: number; readonly day: number };

export function turnOf({ way, stage, day }: Ladder, action: WarmUpTurn['action'], fromStage: number, reason: string): WarmUpTurn {
  const named = (at: number): string => `day ${at + 1} of ${way.stages.length} (${thousands(way.stages[at]?.perDay ?? 0)})`;
  return {
    action,
    day,
    fromStage,
    toStage: stage,
    reason,
    text: textOf(action, named, fromStage, stage, reason),
    alert: alerts.has(action),
  };
}

function textOf(action: WarmUpTurn['action'], named: (at: number) => string, from: number, to: number, reason: string): string {
  switch (action) {
    case 'advance':
      return `${named(from)} counted with ${reason}; next is ${named(to)}`;
    case 'short':
      return `${named(from)} comes again: ${reason}`;
    case 'hold':
      return `${named(from)} does not count and comes again: ${reason}`;
    case 'step_back':
      return from === to ? `stays at ${named(to)}: ${reason}` : `back from ${named(from)} to ${named(to)} at once: ${reason}`;
    case 'finish':
      return `warm after ${named(from)}, no ceiling from now on: ${reason}`;
    case 'rewarm':
      return `begins again at ${named(to)}: ${reason}`;
    case 'skip':
      return `an operator went on from ${named(from)} to ${named(to)}: ${reason}`;
    case 'step_back_told':
      return `an operator went back from ${named(from)} to ${named(to)}: ${reason}`;
    case 'restart':
      return `an operator began again at ${named(to)}: ${reason}`;
  }
}

function thousands(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
