// Whether a node can send through its sources, as it tells when asked: which are in use, which it took out and why, when they are tried
// next, and what DNS says of their names.
import { z } from 'zod';
import { id } from './names.ts';

export const maxSourcesAnswered = 1000;

/** `address_missing`: it cannot be bound. `proxy_dead`: its proxy takes no connection. `connects_fail`: nothing can be reached through it. */
export const unfitReasons = ['address_missing', 'proxy_dead', 'connects_fail'] as const;
export const unfitReason = z.enum(unfitReasons);
export type UnfitReason = z.infer<typeof unfitReason>;

/** Of the reverse name. RFC 1912 section 2.1 */
export const nameStates = ['good', 'no_reverse_name', 'not_confirmed', 'ehlo_differs', 'ehlo_unknown', 'unanswered'] as const;
export type NameState = (typeof nameStates)[number];

const ms = z.number().int();

export const sourceHealth = z.object({
  sourceId: id,
  /** `used_anyway`: it is out, and an operator said to send through it all the same. */
  state: z.enum(['in_use', 'out', 'used_anyway']),
  /** Of a source that is out: why, since when, what the last probe said, and when the next is made. Milliseconds since the epoch. */
  reason: unfitReason.nullable(),
  detail: z.string().max(500).nullable(),
  sinceMs: ms.nullable(),
  probes: z.number().int().min(0),
  lastProbe: z.string().max(300).nullable(),
  nextProbeMs: ms.nullable(),
  usedAnywayUntilMs: ms.nullable(),
  /** What DNS says of its public address and of its name; null: not asked yet. A finding, no outage. */
  names: z.object({ state: z.enum(nameStates), finding: z.string().max(500), remedy: z.string().max(500), checkedMs: ms }).nullable(),
});
export type SourceHealthRow = z.infer<typeof sourceHealth>;

/** Those that are out stand first, then those with a finding. `total`: sources of the node, whether told or not. */
export const sourceHealthAnswer = z.object({ sources: z.array(sourceHealth).max(maxSourcesAnswered), total: z.number().int() });
