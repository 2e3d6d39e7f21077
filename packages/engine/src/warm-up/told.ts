// What a ladder decided, as a decision with its sentence. The same turn has the same id, so that a node that ends before the disk has its
// day's end tells it once.
import { createHash } from 'node:crypto';
import type { WarmUpTurn, WarmUpWay } from '@sluice/policy';
import type { TellDecision } from '../decisions/decisions.ts';

const untold: ReadonlySet<WarmUpTurn['action']> = new Set(['skip', 'step_back_told', 'restart']);

/** `about`: what tells turns of one day apart that are else alike. */
export function decisionOf(way: WarmUpWay, sourceName: string, turn: WarmUpTurn, about: string): TellDecision {
  const { plan, group, sourceId, key } = way;
  const { action, day, fromStage, text, alert } = turn;
  const only = group.providers?.length === 1 ? group.providers[0] : undefined;
  return {
    ...(untold.has(action) ? {} : { id: idOf(`${key}/${day}/${action}/${fromStage}/${about}`) }),
    kind: 'warm_up',
    action,
    subject: { source: sourceId, ...(only !== undefined && { provider: only }) },
    sentence: `${group.name} x ${sourceName}, warm-up ${plan.name}: ${text}`,
    alert,
    planId: plan.id,
  };
}

/** A version 8 UUID of the text. RFC 9562 section 5.8 */
function idOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
