// A sender with timed overrides, as KumoMTA has them: a rule is a pattern, how often it must match in an hour, and a suspension or a rate for
// a time, after which everything snaps back. Patterns, counts and times are those that its published shaping files have for the texts of
// these providers; rules of theirs that never fire for a fault in the file are taken as they were meant.
import type { LimitRule } from '@sluice/policy';
import type { Controller, Ground, Seen, SenderKind } from './sender.ts';
import { sourceLimit } from './sender.ts';

/** `perMinute` 0 suspends. `times` in an hour; 1 acts at once. */
type Override = { pattern: RegExp; times: number; perMinute: number; minutes: number };

const everywhere: readonly Override[] = [
  { pattern: /rate limited due to IP reputation|temporarily deferred|will be permanently deferred/i, times: 1, perMinute: 1, minutes: 90 },
  { pattern: /weren't sent|Server busy\. Please try again later from/i, times: 1, perMinute: 1, minutes: 90 },
];
const ofProvider: Readonly<Record<string, readonly Override[]>> = {
  gmail: [
    { pattern: /has detected that this message/i, times: 5, perMinute: 0, minutes: 60 },
    { pattern: /an unusual rate/i, times: 2, perMinute: 10, minutes: 30 },
  ],
  yahoo: [
    { pattern: /\[TSS?04\]/, times: 1, perMinute: 0, minutes: 120 },
    { pattern: /\[(TSS05|IPTS05)\]/, times: 2, perMinute: 0, minutes: 240 },
    { pattern: /\[BL/, times: 5, perMinute: 0, minutes: 120 },
  ],
  outlook: [
    { pattern: /on our block list/i, times: 5, perMinute: 0, minutes: 120 },
    { pattern: /Access denied, please try again later/i, times: 5, perMinute: 0, minutes: 60 },
    { pattern: /temporarily rate limited/i, times: 3, perMinute: 0, minutes: 30 },
    { pattern: /Server busy/i, times: 3, perMinute: 1, minutes: 15 },
  ],
  apple: [
    { pattern: /Service unavailable/i, times: 5, perMinute: 0, minutes: 15 },
    { pattern: /\[(HCM1|BS02)\]/, times: 3, perMinute: 0, minutes: 15 },
  ],
  comcast: [{ pattern: /RL000010/, times: 1, perMinute: 0, minutes: 5 }],
  orange: [
    { pattern: /Service refuse/i, times: 2, perMinute: 0, minutes: 60 },
    { pattern: /cloudmark|spamhaus/i, times: 5, perMinute: 0, minutes: 120 },
  ],
  gmx: [
    { pattern: /policy restrictions/i, times: 5, perMinute: 1, minutes: 60 },
    { pattern: /IP address is blocked/i, times: 5, perMinute: 0, minutes: 120 },
  ],
};

const hourMs = 3_600_000;
type Active = { sourceId: string; perMinute: number; endsMs: number };

function controller(ground: Ground): Controller {
  // The provider's own rules and those for everybody are all asked, and all that match act.
  const rules = [...everywhere, ...(ofProvider[ground.provider] ?? [])];
  const matches = new Map<string, number[]>();
  const active = new Map<string, Active>();
  let changed = false;
  const seen = ({ atMs, sourceId, kind, reply }: Seen): void => {
    if (kind === 'delivered' || reply === null) return;
    const text = reply.text.replaceAll('\n', ' ');
    rules.forEach(({ pattern, times, perMinute, minutes }, index) => {
      if (!pattern.test(text)) return;
      const key = `${index} ${sourceId}`;
      const within = (matches.get(key) ?? []).filter((at) => at > atMs - hourMs);
      within.push(atMs);
      matches.set(key, within.slice(-times));
      if (within.length < times) return;
      // Matching again while it holds does not prolong it.
      if (active.has(key)) return;
      active.set(key, { sourceId, perMinute, endsMs: atMs + minutes * 60_000 });
      changed = true;
    });
  };
  return {
    seen,
    limits(nowMs) {
      for (const [key, { endsMs }] of active) if (endsMs <= nowMs) changed = active.delete(key);
      if (!changed) return null;
      changed = false;
      const lowest = new Map<string, number>();
      for (const { sourceId, perMinute } of active.values()) lowest.set(sourceId, Math.min(perMinute, lowest.get(sourceId) ?? Infinity));
      return [...lowest].map(([sourceId, perMinute]): LimitRule => sourceLimit(ground, sourceId, perMinute));
    },
  };
}

export const timedOverrides: SenderKind = { name: 'timed overrides', entities: [], controller };
