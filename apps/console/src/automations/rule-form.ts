// A rule of automation as a form has it, and back. Times are minutes there.
import { automationInput, type AutomationInput } from '@sluice/contract';
import { numberOf, Refused, textOf } from '../ui/action-dialog.tsx';

const wordsOf = (form: FormData, name: string): string[] =>
  textOf(form, name)
    .split(/[\s,]+/)
    .filter(Boolean);
const secondsOf = (form: FormData, name: string): number => Math.round(numberOf(form, name) * 60);

function matchOf(form: FormData): unknown {
  const pattern = textOf(form, 'pattern');
  return {
    replyRules: wordsOf(form, 'replyRules'),
    remedies: wordsOf(form, 'remedies'),
    enhanced: wordsOf(form, 'enhanced'),
    classes: wordsOf(form, 'classes'),
    pattern: pattern === '' ? null : pattern,
  };
}

function triggerOf(form: FormData): unknown {
  const windowSeconds = secondsOf(form, 'windowMinutes');
  const volume = { percent: numberOf(form, 'percent'), minimumVolume: numberOf(form, 'minimumVolume'), windowSeconds };
  switch (textOf(form, 'trigger')) {
    case 'replies':
      return { kind: 'replies', match: matchOf(form), count: numberOf(form, 'count'), windowSeconds };
    case 'matching_share':
      return { kind: 'matching_share', match: matchOf(form), ...volume };
    case 'latency': {
      const { minimumVolume } = volume;
      const aboveMs = Math.round(numberOf(form, 'aboveSeconds') * 1000);
      return { kind: 'latency', percentile: numberOf(form, 'percentile'), aboveMs, minimumVolume, windowSeconds };
    }
    default:
      return { kind: 'share', of: textOf(form, 'of'), ...volume };
  }
}

function actionOf(form: FormData): unknown {
  const kind = textOf(form, 'action');
  switch (kind) {
    case 'reduce':
      return {
        kind,
        toPercent: numberOf(form, 'toPercent'),
        floorPerMinute: numberOf(form, 'floorPerMinute'),
        quietSeconds: secondsOf(form, 'quietMinutes'),
        stepPercent: numberOf(form, 'stepPercent'),
      };
    case 'limit':
      return { kind, of: textOf(form, 'limitOf'), count: numberOf(form, 'limitCount'), perSeconds: numberOf(form, 'perSeconds') || 1 };
    case 'move':
      return { kind, poolId: textOf(form, 'poolId') };
    default:
      return { kind };
  }
}

/** Throws with what is wrong, in words, before anything is sent. */
export function ruleOf(form: FormData): AutomationInput {
  const where: Record<string, string> = {};
  for (const dimension of ['provider', 'source', 'tenant', 'stream', 'campaign']) {
    const value = textOf(form, dimension);
    if (value !== '') where[dimension] = value;
  }
  const read = automationInput.safeParse({
    ...{ name: textOf(form, 'name'), mode: textOf(form, 'mode'), trigger: triggerOf(form), per: textOf(form, 'per'), where },
    ...{ action: actionOf(form), forSeconds: secondsOf(form, 'forMinutes'), alert: form.get('alert') !== null },
  });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Refused(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
}
