// A rule of automation in plain words, for screens and the command line alike.
import type { AutomationAction, AutomationBody, AutomationMatch, AutomationPer, AutomationTrigger } from './automation.ts';

/** `90 s`, `5 minutes`, `2 hours`, `1 day` */
export function lengthText(seconds: number): string {
  const [size, unit] =
    seconds % 86_400 === 0 ? [86_400, 'day'] : seconds % 3600 === 0 ? [3600, 'hour'] : seconds % 60 === 0 ? [60, 'minute'] : [1, 's'];
  const count = seconds / size;
  return unit === 's' ? `${count} s` : `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function matchText({ replyRules, remedies, enhanced, classes, pattern }: AutomationMatch): string {
  const some = (label: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`${label}${values.map((value) => value.replaceAll('_', ' ')).join(' or ')}`];
  return [
    ...some('read as ', replyRules),
    ...some('that call for: ', remedies),
    ...some('with code ', enhanced),
    ...some('of class ', classes),
    ...(pattern === null ? [] : [`whose text matches "${pattern}"`]),
  ].join(', ');
}

const shareTexts = {
  deferred: 'are deferred',
  blocked: 'are refused as a block or a rate',
  hard_bounced: 'have no such mailbox',
  complained: 'are complained about',
} as const;

/** `more than 20 % of at least 100 attempts in 5 minutes are deferred` */
export function triggerText(trigger: AutomationTrigger): string {
  const time = lengthText(trigger.windowSeconds);
  switch (trigger.kind) {
    case 'replies':
      return `${trigger.count} ${trigger.count === 1 ? 'refusal' : 'refusals'} in ${time} ${matchText(trigger.match)}`;
    case 'share':
      return `more than ${trigger.percent} % of at least ${trigger.minimumVolume} attempts in ${time} ${shareTexts[trigger.of]}`;
    case 'matching_share':
      return `more than ${trigger.percent} % of at least ${trigger.minimumVolume} attempts in ${time} are refused ${matchText(trigger.match)}`;
    case 'latency':
      return `${100 - trigger.percentile} % of at least ${trigger.minimumVolume} attempts in ${time} take longer than ${trigger.aboveMs / 1000} s`;
  }
}

export const perTexts: Readonly<Record<AutomationPer, string>> = {
  source_provider: 'each source at each provider',
  tenant_provider: 'each tenant at each provider',
  tenant: 'each tenant',
  campaign: 'each campaign',
  identity: 'what the reply blames: an address, or a domain over all sources',
};

/** `cuts the rate to 50 %, not below 6 a minute; after 10 minutes without trouble up again by 10 %` */
export function actionText(action: AutomationAction, poolName: string | null = null): string {
  switch (action.kind) {
    case 'reduce': {
      const back = `after ${lengthText(action.quietSeconds)} without trouble up again by ${action.stepPercent} %`;
      return `cuts the rate to ${action.toPercent} %, not below ${action.floorPerMinute} a minute; ${back}`;
    }
    case 'limit':
      return action.of === 'connections'
        ? `opens at most ${action.count} connections`
        : `sends at most ${action.count} in ${lengthText(action.perSeconds)}`;
    case 'suspend':
      return 'suspends';
    case 'move':
      return `moves mail to pool ${poolName ?? action.poolId}`;
    case 'hold_warm_up':
      return 'holds the warm-up';
    case 'bounce':
      return 'returns what waits to its senders';
    case 'alert':
      return 'tells operators';
  }
}

/** What a rule is narrowed to; empty when it is for all mail. `names`: dimension -> name. */
export function automationWhereText({ where }: Pick<AutomationBody, 'where'>, names: Readonly<Record<string, string>> = {}): string {
  return Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([dimension, value]) => `${dimension} ${names[dimension] ?? value}`)
    .join(', ');
}
