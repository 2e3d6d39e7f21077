// What an installation does by itself from its first day: rules of automation as presets. They lean on what the providers' reply rules say
// would help, so that a provider whose rules are mended or added is covered without another rule here; shares catch what no rule reads.
// Cautious: rates go down at once and come back slowly, and what only an operator can mend is an alert.
import type { AutomationInput } from '@sluice/contract';

export type AutomationPreset = {
  /** Stable. */
  key: string;
  /** Grows with every change, so that installations take it over. */
  version: number;
  /** Why it is there, for an operator. */
  meaning: string;
  rule: Pick<AutomationInput, 'name' | 'trigger' | 'per' | 'action' | 'forSeconds' | 'alert'>;
};

const minute = 60;
const hour = 3600;
const day = 86_400;

export const automationPresets: readonly AutomationPreset[] = [
  {
    key: 'asked-to-slow-down',
    version: 1,
    meaning:
      'A provider says that something comes too fast, and what: an address, a DKIM domain, a sender. That is slowed down everywhere, and no other source takes over.',
    rule: {
      name: 'Slow down what a provider says comes too fast',
      trigger: { kind: 'replies', match: { remedies: ['slow_down', 'slow_identity', 'hold_warm_up'] }, count: 1, windowSeconds: minute },
      per: 'identity',
      action: { kind: 'reduce', toPercent: 50, floorPerMinute: 1, quietSeconds: 5 * minute, stepPercent: 5 },
      forSeconds: 12 * hour,
    },
  },
  {
    key: 'many-deferrals',
    version: 1,
    meaning: 'A provider defers a fifth of what a source sends, in whatever words. Mailboxes that are full or busy do not count.',
    rule: {
      name: 'Slow down a source whose mail is deferred',
      trigger: { kind: 'share', of: 'deferred', percent: 20, minimumVolume: 100, windowSeconds: 5 * minute },
      per: 'source_provider',
      action: { kind: 'reduce', toPercent: 50, floorPerMinute: 1, quietSeconds: 10 * minute, stepPercent: 5 },
      forSeconds: 12 * hour,
    },
  },
  {
    key: 'too-many-connections',
    version: 1,
    meaning: 'A provider says that a source has too many connections open.',
    rule: {
      name: 'Open fewer connections where a provider asks for it',
      trigger: { kind: 'replies', match: { remedies: ['fewer_connections'] }, count: 5, windowSeconds: 5 * minute },
      per: 'source_provider',
      action: { kind: 'limit', of: 'connections', count: 2, perSeconds: 1 },
      forSeconds: 30 * minute,
    },
  },
  {
    key: 'source-blocked',
    version: 1,
    meaning: 'A provider blocks the address of a source: what goes on through it there only makes the block last.',
    rule: {
      name: 'Suspend a blocked source at its provider',
      trigger: {
        kind: 'matching_share',
        match: { remedies: ['disable_source'] },
        percent: 30,
        minimumVolume: 20,
        windowSeconds: 10 * minute,
      },
      per: 'source_provider',
      action: { kind: 'suspend' },
      forSeconds: hour,
      alert: true,
    },
  },
  {
    key: 'reputation',
    version: 1,
    meaning: 'A provider says that an address has a poor reputation or blocks it: its warm-up goes no further for a day.',
    rule: {
      name: 'Hold a warm-up that a provider objects to',
      trigger: { kind: 'replies', match: { remedies: ['hold_warm_up', 'disable_source'] }, count: 3, windowSeconds: 10 * minute },
      per: 'source_provider',
      action: { kind: 'hold_warm_up' },
      forSeconds: day,
      alert: true,
    },
  },
  {
    key: 'authentication',
    version: 1,
    meaning:
      'A provider refuses mail of a tenant because SPF, DKIM, DMARC, the reverse name or TLS is missing: only its owner can mend that.',
    rule: {
      name: 'Tell when a provider misses authentication',
      trigger: { kind: 'replies', match: { remedies: ['fix_authentication'] }, count: 10, windowSeconds: hour },
      per: 'tenant_provider',
      action: { kind: 'alert' },
      forSeconds: day,
      alert: true,
    },
  },
  {
    key: 'content',
    version: 1,
    meaning: 'A provider takes much of what a tenant sends for spam.',
    rule: {
      name: 'Tell when a provider takes mail for spam',
      trigger: {
        ...{ kind: 'matching_share', match: { remedies: ['hold_stream'] }, percent: 5, minimumVolume: 100 },
        windowSeconds: 30 * minute,
      },
      per: 'tenant_provider',
      action: { kind: 'alert' },
      forSeconds: 6 * hour,
      alert: true,
    },
  },
  {
    key: 'unknown-mailboxes',
    version: 1,
    meaning:
      'Much of what a tenant sends goes to mailboxes that do not exist: a bad list costs the reputation of every source that sends it.',
    rule: {
      name: 'Tell when a list has many unknown mailboxes',
      trigger: { kind: 'share', of: 'hard_bounced', percent: 8, minimumVolume: 200, windowSeconds: hour },
      per: 'tenant',
      action: { kind: 'alert' },
      forSeconds: 6 * hour,
      alert: true,
    },
  },
  {
    key: 'complaints',
    version: 1,
    meaning: 'Recipients complain about the mail of a tenant more often than providers tolerate (0.3 %).',
    rule: {
      name: 'Tell when recipients complain',
      trigger: { kind: 'share', of: 'complained', percent: 0.3, minimumVolume: 1000, windowSeconds: day },
      per: 'tenant',
      action: { kind: 'alert' },
      forSeconds: day,
      alert: true,
    },
  },
];
