// Laying by, as part of a batch: an entry whose change asks for it is written on its own among the waiting, and is on disk there before the
// journal names its place. From then on it is no part of the journal, which can forget all about it. What cannot be laid by stays where it
// is and comes back with the others all the same.
import type { RecordSpan } from './batch-region.ts';
import { copyContents } from './cold-contents.ts';
import { depositedOf, type Deposited } from './depot.ts';
import { asksForDeposit, carryPayload, changeHead, changeState, putDeposited, type EntryState } from './payload.ts';
import { frameBytes, recordTypes, sealAll } from './record.ts';
import type { Region } from './region.ts';
import { restore, type Restored } from './replayed-entries.ts';
import type { Placed } from './segment-log.ts';
import type { ShardState } from './shard-state.ts';
import { putWaiting } from './waiting-record.ts';

/** `messageId` and `index` of what is laid by once the journal says so, or, without a place, kept. */
type Laid = { messageId: string; index: number; dueAt: number; deposited: Deposited | null };
export type Deposits = { at: Placed | null; laid: Laid[] };
type Asked = { span: RecordSpan; laid: Laid; after: EntryState; restored: Restored; domain: string };

export const noDeposits: Deposits = { at: null, laid: [] };

/** Writes what the batch asks to be laid by and puts the places into its changes. `possible` false: all of it is kept. */
export function deposit(state: ShardState, batch: Buffer, spans: readonly RecordSpan[], possible: boolean): Deposits {
  const wishes = spans.filter(
    ({ type, start, end }) =>
      (type === recordTypes.change || type === recordTypes.laidBy) && asksForDeposit(batch.subarray(start + frameBytes, end)),
  );
  if (wishes.length === 0) return noDeposits;
  const asked: Asked[] = [];
  const laid: Laid[] = [];
  const restoredOf = restoring(state);
  for (const span of wishes) {
    const payload = batch.subarray(span.start + frameBytes, span.end);
    const { messageId, index } = changeHead(payload);
    const after = changeState(payload);
    if (after === null) continue;
    const restored = possible ? restoredOf(messageId, index) : null;
    const to = restored?.body[10][index];
    const entry: Laid = { messageId, index, dueAt: after[2], deposited: null };
    laid.push(entry);
    if (restored !== null && to !== undefined) asked.push({ span, laid: entry, after, restored, domain: to[1] });
  }
  try {
    return { at: write(state, batch, asked), laid };
  } catch {
    return { at: null, laid };
  }
}

/** Contents first, then the entries, each on disk when this returns. Throws the file system's error; then none of them is laid by. */
function write(state: ShardState, batch: Buffer, asked: readonly Asked[]): Placed | null {
  if (asked.length === 0) return null;
  const contents = copyContents(
    state,
    asked.map(({ restored }) => restored.head),
  );
  const region = state.region.emptied();
  const written = asked.map((each) => {
    const head = { ...each.restored.head, content: contents.get(each.laid.messageId) ?? each.restored.head.content };
    return { ...each, head, ...putLaidBy(region, { ...each.restored, head }, each.after, each.domain) };
  });
  const at = state.waiting.append(region.used(), (place, seed) => sealAll(region.used(), place.offset, seed));
  for (const { span, laid, head, queue, start, end } of written) {
    const place = { segment: at.segment, offset: at.offset + start, length: end - start };
    putDeposited(batch.subarray(span.start + frameBytes, span.end), place);
    laid.deposited = depositedOf(place, laid.dueAt, head);
    state.waitingIndex.add(laid.deposited, queue);
  }
  return at;
}

/** The entry after its change, on its own. */
export function putLaidBy(
  region: Region,
  { head, body }: Pick<Restored, 'head' | 'body'>,
  after: EntryState,
  domain: string,
): { queue: string; start: number; end: number } {
  const [tenantId, streamId, campaign, , , , acceptedAt, expiresAt, , , , options] = body;
  const [index, , dueAt] = after;
  const start = region.begin();
  const carry = carryPayload(head, { accept: body, states: [after] });
  const queue = [tenantId, streamId, campaign ?? '', domain].join('\0');
  putWaiting(region, { dueAt, expiresAt, acceptedAt, index, hasOptions: Boolean(options), queue, carry });
  region.end(start, recordTypes.waiting);
  return { queue, start, end: region.length };
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
  for (const { messageId, index, dueAt, deposited: entry } of laid) {
    if (entry === null) state.depot.keep(`${messageId}.${index}`, dueAt);
    else {
      // Before the end in the journal: the content is never without a holder.
      state.depot.add(entry);
      state.depot.log.acknowledge(entry.place);
      state.live.ended(messageId, index);
    }
  }
}

/** The journal does not have the batch: what was written is no part of the log. */
export function depositsUndone(state: ShardState, { at }: Deposits): void {
  if (at === null) return;
  state.waiting.undo(at);
  state.depot.log.cut(at);
}
