// Laying by, as part of a batch: an entry whose retry asks for it is written on its own among the waiting, and is on disk there before the
// journal names its place. From then on it is no part of the journal, which can forget all about it. What cannot be laid by stays where it
// is and comes back with the others all the same.
import type { ContentRef } from '../entry.ts';
import type { RecordSpan } from './batch-region.ts';
import type { Deposited } from './depot.ts';
import { asksForDeposit, carryPayload, changeHead, changeState, putDeposited, type EntryState } from './payload.ts';
import { frameBytes, recordTypes, sealAll } from './record.ts';
import type { Region } from './region.ts';
import { restore, type Restored } from './replayed-entries.ts';
import type { Placed } from './segment-log.ts';
import type { ShardState } from './shard-state.ts';
import { putWaiting, wakeOf } from './waiting-record.ts';

/** `messageId` and `index` of what is laid by once the journal says so, or, without a place, kept. */
type Laid = { messageId: string; index: number; wakeMs: number; deposited: Deposited | null };
export type Deposits = { at: Placed | null; laid: Laid[] };
type Written = { span: RecordSpan; laid: Laid; content: ContentRef; recipients: number; start: number; end: number };

export const noDeposits: Deposits = { at: null, laid: [] };

/** Writes what the batch asks to be laid by and puts the places into its changes. `possible` false: all of it is kept. */
export function deposit(state: ShardState, batch: Buffer, spans: readonly RecordSpan[], possible: boolean): Deposits {
  const asked = spans.filter(
    ({ type, start, end }) => type === recordTypes.change && asksForDeposit(batch.subarray(start + frameBytes, end)),
  );
  if (asked.length === 0) return noDeposits;
  const region = state.region.emptied();
  const written: Written[] = [];
  const kept: Laid[] = [];
  const restoredOf = restoring(state);
  for (const span of asked) {
    const payload = batch.subarray(span.start + frameBytes, span.end);
    const { messageId, index } = changeHead(payload);
    const after = changeState(payload);
    const restored = after === null || !possible ? null : restoredOf(messageId, index);
    if (after === null) continue;
    const to = restored?.body[10][index];
    const wakeMs = wakeOf({ dueAt: after[2], expiresAt: restored?.body[7] ?? Infinity });
    const laid: Laid = { messageId, index, wakeMs, deposited: null };
    if (restored === null || to === undefined) kept.push(laid);
    else written.push({ ...put(region, restored, after, to[1]), span, laid, content: restored.head.content });
  }
  if (written.length === 0) return { at: null, laid: kept };
  let at: Placed;
  try {
    at = state.waiting.append(region.used(), (place, seed) => sealAll(region.used(), place.offset, seed));
  } catch {
    return { at: null, laid: [...kept, ...written.map(({ laid }) => laid)] };
  }
  for (const { span, laid, content, recipients, start, end } of written) {
    const place = { segment: at.segment, offset: at.offset + start, length: end - start };
    putDeposited(batch.subarray(span.start + frameBytes, span.end), place);
    laid.deposited = { place, wakeMs: laid.wakeMs, content, recipients };
  }
  return { at, laid: [...kept, ...written.map(({ laid }) => laid)] };
}

/** The entry after its change, on its own. */
function put(region: Region, { head, body }: Restored, after: EntryState, domain: string): Pick<Written, 'recipients' | 'start' | 'end'> {
  const [tenantId, streamId, campaign, , , , acceptedAt, expiresAt, , , , options] = body;
  const [index, , dueAt] = after;
  const start = region.begin();
  const carry = carryPayload(head, { accept: body, states: [after] });
  const queue = [tenantId, streamId, campaign ?? '', domain].join('\0');
  putWaiting(region, { dueAt, expiresAt, acceptedAt, index, hasOptions: Boolean(options), queue, carry });
  region.end(start, recordTypes.waiting);
  return { recipients: head.recipients, start, end: region.length };
}

/** Reads what belongs to one message once for all of its recipients that follow each other. */
function restoring(state: ShardState): (messageId: string, index: number) => Restored | null {
  let last: { messageId: string; restored: Restored | null } | null = null;
  return (messageId, index) => {
    if (!state.live.isLive(messageId, index)) return null;
    if (last?.messageId === messageId) return last.restored;
    const accept = state.live.get(messageId);
    last = { messageId, restored: accept && restore(state, accept) };
    return last.restored;
  };
}

/** The journal has the batch: what was laid by is out of it. */
export function deposited(state: ShardState, { laid }: Deposits): void {
  for (const { messageId, index, wakeMs, deposited: entry } of laid) {
    if (entry === null) state.depot.keep(`${messageId}.${index}`, wakeMs);
    else {
      // Before the end in the journal: the content is never without a holder.
      state.depot.add({ ...entry, wakeMs });
      state.depot.acknowledge(entry.place);
      state.live.ended(messageId, index);
    }
  }
}

/** The journal does not have the batch: what was written is no part of the log. */
export function depositsUndone(state: ShardState, { at }: Deposits): void {
  if (at === null) return;
  state.waiting.undo(at);
  state.depot.cut(at);
}
