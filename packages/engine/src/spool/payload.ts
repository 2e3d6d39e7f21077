// What the payloads of journal and content records say. A short binary head carries what the spool itself needs (which message, which
// recipient, where the content lies), so that recovery and bookkeeping never parse JSON for entries that have ended; the rest is JSON
// with fixed positions, a third of the size of named fields. Version 1; positions are only ever appended.
import type { ContentFacts, ContentRef, Injection, MessageOptions, RecipientEntry, SpoolRecord } from '../entry.ts';
import { eventValues } from './event-values.ts';
import type { RecordPlace } from './live-index.ts';
import { Region, utf8PerUnit } from './region.ts';

const acceptHeadBytes = 16;
const changeHeadBytes = 6;

export function splitEntryId(entryId: string): { messageId: string; index: number } {
  const dot = entryId.lastIndexOf('.');
  const index = Number(entryId.slice(dot + 1));
  if (dot < 1 || !Number.isInteger(index)) throw new TypeError('an entry id is messageId.n');
  return { messageId: entryId.slice(0, dot), index };
}

function putHead(region: Region, headBytes: number, messageId: string): number {
  region.reserve(headBytes + messageId.length * utf8PerUnit);
  const head = region.length;
  region.length += headBytes;
  const idBytes = region.text(messageId);
  region.buffer.writeUInt16LE(idBytes, head + headBytes - 2);
  return head;
}

type AcceptBody = [
  tenantId: string,
  streamId: string,
  campaign: string | null,
  sender: string,
  poolId: string | null,
  egress: Injection['egress'],
  acceptedAt: number,
  expiresAt: number,
  sizeBytes: number,
  headerMessageId: string | null,
  recipients: [address: string, domain: string, dsn: [string | null, string | null] | null][],
  /** Absent in records written before there were options, and where none were asked. */
  options?: OptionValues | null,
];
type OptionValues = [
  ret: MessageOptions['ret'],
  envid: string | null,
  requireTls: boolean,
  notBefore: number | null,
  ownExpiry: boolean,
  window: MessageOptions['window'],
  reportOn: string | null,
  /** Absent in older records. */
  tlsOptional?: boolean,
  engaged?: boolean,
];
/** `[n, attempts, dueAt, lastSourceId, dotSent, delayReported]` of a live entry; the last is absent in older records. */
export type EntryState = [
  index: number,
  attempts: number,
  dueAt: number,
  lastSourceId: string | null,
  dotSent: boolean,
  delayReported?: boolean,
];

function optionsOf(values: OptionValues | null | undefined): MessageOptions | null {
  if (!values) return null;
  const [ret, envid, requireTls, notBefore, ownExpiry, window, reportOn, tlsOptional = false, engaged] = values;
  return { ret, envid, requireTls, tlsOptional, notBefore, ownExpiry, window, reportOn, ...(engaged === true && { engaged }) };
}

function optionValues(options: MessageOptions | null): OptionValues | null {
  if (!options) return null;
  const { ret, envid, requireTls, notBefore, ownExpiry, window, reportOn, tlsOptional, engaged } = options;
  const values: OptionValues = [ret, envid, requireTls, notBefore, ownExpiry, window, reportOn, tlsOptional];
  if (engaged === true) values.push(engaged);
  return values;
}

export function putAccept(region: Region, injection: Injection): void {
  const head = putHead(region, acceptHeadBytes, injection.messageId);
  region.buffer.fill(0, head, head + 12);
  if (injection.stored) putContentRef(region.buffer.subarray(head), injection.stored);
  region.buffer.writeUInt16LE(injection.recipients.length, head + 12);
  region.text(JSON.stringify(bodyOf(injection)));
}

export function bodyOf(injection: Injection): AcceptBody {
  const { tenantId, streamId, campaign, sender, poolId, egress, acceptedAt, expiresAt, facts, options } = injection;
  const { sizeBytes, headerMessageId } = facts;
  const to = injection.recipients.map(({ address, domain, dsn }): AcceptBody[10][number] => [
    address,
    domain,
    dsn && [dsn.notify, dsn.orcpt],
  ]);
  const body: AcceptBody = [tenantId, streamId, campaign, sender, poolId, egress, acceptedAt, expiresAt, sizeBytes, headerMessageId, to];
  if (options) body.push(optionValues(options));
  return body;
}

/** The content's place is only known when the content is on disk. */
export function putContentRef(payload: Buffer, ref: ContentRef): void {
  payload.writeUInt32LE(ref.segment, 0);
  payload.writeUInt32LE(ref.offset, 4);
  payload.writeUInt32LE(ref.length, 8);
}

/** Whether the place is known. */
export const namesContent = (payload: Buffer): boolean => payload.readUInt32LE(8) > 0;

export type AcceptHead = { messageId: string; content: ContentRef; recipients: number; bodyAt: number };

/** Head of an accept or carry record. */
export function acceptHead(payload: Buffer): AcceptHead {
  const bodyAt = acceptHeadBytes + payload.readUInt16LE(14);
  return {
    messageId: payload.toString('utf8', acceptHeadBytes, bodyAt),
    content: { segment: payload.readUInt32LE(0), offset: payload.readUInt32LE(4), length: payload.readUInt32LE(8) },
    recipients: payload.readUInt16LE(12),
    bodyAt,
  };
}

export function acceptBody(payload: Buffer): AcceptBody {
  return JSON.parse(payload.toString('utf8', acceptHead(payload).bodyAt)) as AcceptBody;
}

/** `only`: numbers of the recipients that are written down, where these are not all; read back each stands at its number again. */
export type Carried = { accept: AcceptBody; states: EntryState[]; only?: number[] };
export function carriedBody(payload: Buffer): Carried {
  const carried = JSON.parse(payload.toString('utf8', acceptHead(payload).bodyAt)) as Carried;
  if (carried.only === undefined) return carried;
  const recipients: AcceptBody[10] = [];
  carried.only.forEach((index, n) => (recipients[index] = carried.accept[10][n] ?? ['', '', null]));
  return { ...carried, accept: withRecipients(carried.accept, recipients) };
}

function withRecipients(accept: AcceptBody, recipients: AcceptBody[10]): AcceptBody {
  const body: AcceptBody = [...accept];
  body[10] = recipients;
  return body;
}

/** Without the recipients that are over. */
function onlyAlive({ accept, states }: Carried, recipients: number): Carried {
  if (states.length === recipients) return { accept, states };
  const only = states.map(([index]) => index);
  return {
    accept: withRecipients(
      accept,
      only.map((index) => accept[10][index] ?? ['', '', null]),
    ),
    states,
    only,
  };
}

export function carryPayload(head: AcceptHead, carried: Carried): Buffer {
  const region = new Region(Buffer.allocUnsafeSlow(1024));
  const at = putHead(region, acceptHeadBytes, head.messageId);
  putContentRef(region.buffer.subarray(at), head.content);
  region.buffer.writeUInt16LE(head.recipients, at + 12);
  region.text(JSON.stringify(onlyAlive(carried, head.recipients)));
  return region.used();
}

/** The entry of recipient n; `state` null means as accepted. */
export function entryOf(head: AcceptHead, body: AcceptBody, index: number, state: EntryState | null): RecipientEntry | null {
  const to = body[10][index];
  if (to === undefined) return null;
  const [tenantId, streamId, campaign, sender, poolId, egress, acceptedAt, expiresAt] = body;
  const options = optionsOf(body[11]);
  return {
    entryId: `${head.messageId}.${index}`,
    messageId: head.messageId,
    tenantId,
    streamId,
    campaign,
    sender,
    recipient: to[0],
    domain: to[1],
    content: head.content,
    poolId,
    dsn: to[2] === null ? null : { notify: to[2][0], orcpt: to[2][1] },
    options,
    egress,
    acceptedAt,
    expiresAt,
    attempts: state?.[1] ?? 0,
    dueAt: state?.[2] ?? options?.notBefore ?? acceptedAt,
    lastSourceId: state?.[3] ?? null,
    dotSent: state?.[4] ?? false,
    delayReported: state?.[5] ?? false,
  };
}

/** The entries of an injection that was just stored; equal to what a replay would give. */
export function acceptedEntries(injection: Injection, content: ContentRef): RecipientEntry[] {
  const { messageId, tenantId, streamId, campaign, sender, poolId, options, egress, acceptedAt, expiresAt } = injection;
  return injection.recipients.map((to, index) => ({
    entryId: `${messageId}.${index}`,
    messageId,
    tenantId,
    streamId,
    campaign,
    sender,
    recipient: to.address,
    domain: to.domain,
    content,
    poolId,
    dsn: to.dsn,
    options,
    egress,
    acceptedAt,
    expiresAt,
    attempts: 0,
    dueAt: options?.notBefore ?? acceptedAt,
    lastSourceId: null,
    dotSent: false,
    delayReported: false,
  }));
}

const noPlace = new Uint8Array(12);
const comma = 0x2c;
const zero = 0x30;
const changeKinds = ['none', 'end', 'retry', 'deposit'] as const;
type ChangeKind = (typeof changeKinds)[number];
/** `deposited`: where the entry lies among those that wait long; its place comes between head and body. */
type ChangeHead = { kind: ChangeKind; messageId: string; index: number; bodyAt: number; deposited: RecordPlace | null };
const depositKind = changeKinds.indexOf('deposit');
const placeBytes = noPlace.length;

/** Whether the change asks for its entry to be laid by. */
export const asksForDeposit = (payload: Buffer): boolean => payload[0] === depositKind;

/** The place is only known when the entry is on disk there. Without one the change is a retry like any other. */
export function putDeposited(payload: Buffer, place: RecordPlace): void {
  putContentRef(payload.subarray(changeHeadBytes + payload.readUInt16LE(4)), place);
}

export function changeHead(payload: Buffer): ChangeHead {
  const headEnd = changeHeadBytes + payload.readUInt16LE(4);
  const kind = changeKinds[payload.readUInt8(0)];
  if (kind === undefined) throw new TypeError('unknown kind of change');
  const change = { kind, messageId: payload.toString('utf8', changeHeadBytes, headEnd), index: payload.readUInt16LE(2) };
  if (kind !== 'deposit') return { ...change, bodyAt: headEnd, deposited: null };
  const [segment, offset, length] = [0, 4, 8].map((at) => payload.readUInt32LE(headEnd + at)) as [number, number, number];
  const bodyAt = headEnd + placeBytes;
  return length === 0
    ? { ...change, kind: 'retry', bodyAt, deposited: null }
    : { ...change, bodyAt, deposited: { segment, offset, length } };
}

export function putChange(region: Region, record: SpoolRecord): void {
  const { change } = record;
  const of = change.kind === 'none' ? { messageId: '', index: 0 } : splitEntryId(change.entryId);
  const head = putHead(region, changeHeadBytes, of.messageId);
  const deposit = change.kind === 'retry' && change.deposit === true;
  if (deposit) region.bytes(noPlace);
  region.buffer[head] = deposit ? depositKind : changeKinds.indexOf(change.kind);
  region.buffer[head + 1] = 0;
  region.buffer.writeUInt16LE(of.index, head + 2);
  const state: EntryState | null =
    change.kind === 'retry' ? [of.index, change.attempts, change.dueAt, change.lastSourceId, change.dotSent, change.delayReported] : null;
  region.text(JSON.stringify(record.event === null ? [state] : [state, ...eventValues(record.event)]));
}

/** When the entry of a retry record is due, in whole milliseconds: read off the front of its JSON, so that a replay parses nothing. */
export function retryDueAt(payload: Buffer, bodyAt: number): number {
  // [[n,attempts,dueAt,
  let at = payload.indexOf(comma, payload.indexOf(comma, bodyAt) + 1) + 1;
  let dueAt = 0;
  for (let digit = (payload[at] ?? 0) - zero; digit >= 0 && digit <= 9; digit = (payload[++at] ?? 0) - zero) dueAt = dueAt * 10 + digit;
  return dueAt;
}

/** State that a retry record moves its entry to. */
export function changeState(payload: Buffer): EntryState | null {
  const [state] = JSON.parse(payload.toString('utf8', changeHead(payload).bodyAt)) as [EntryState | null];
  return state;
}

const contentHeadBytes = 4;

export function putContent(region: Region, facts: ContentFacts, bytes: Uint8Array): void {
  const head = region.length;
  region.reserve(contentHeadBytes);
  region.length += contentHeadBytes;
  const factsBytes = region.text(JSON.stringify(facts));
  region.buffer.writeUInt32LE(factsBytes, head);
  region.bytes(bytes);
}

export function contentOf(payload: Buffer): { facts: ContentFacts; bytes: Buffer } {
  const bytesAt = contentHeadBytes + payload.readUInt32LE(0);
  const facts = JSON.parse(payload.toString('utf8', contentHeadBytes, bytesAt)) as ContentFacts;
  return { facts, bytes: payload.subarray(bytesAt) };
}

export type { AcceptBody };
