// When a ladder is through its days: at the earliest, if every day counts, and as it went in the last two weeks.
import { warmUpVerdicts } from '@sluice/contract';
import type { DayRow } from './warm-up-history.ts';

const lookBackDays = 14;
const verdictAt = 8;
const counted = warmUpVerdicts.indexOf('counted');
const steppedBack = warmUpVerdicts.indexOf('stepped_back');
const paused = warmUpVerdicts.indexOf('paused');

/** Numbers of the first day without a ceiling. `expected` null: it has not come forward lately. */
export function forecast(
  history: readonly DayRow[],
  stage: number,
  stages: number,
  today: number,
): { earliest: number; expected: number | null } {
  const left = stages - stage;
  const earliest = today + left;
  const judged = history.filter((row) => (row[0] ?? 0) > today - lookBackDays - 1 && row[verdictAt] !== paused);
  if (judged.length === 0) return { earliest, expected: earliest };
  const forward = judged.filter((row) => row[verdictAt] === counted).length - judged.filter((row) => row[verdictAt] === steppedBack).length;
  // Today counts as one more that may go well: a single bad first day says little.
  const rate = (forward + 1) / (judged.length + 1);
  return { earliest, expected: rate <= 0 ? null : today + Math.ceil(left / Math.min(1, rate)) };
}
