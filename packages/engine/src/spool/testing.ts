// Small material for the spool's own tests: injections, outcomes and a spool on a disk in memory.
import type { Injection, JournalRecord, RecipientEntry } from '../entry.ts';
import { waitingEntryId } from '../waiting-entries.ts';
import type { Clock, Random } from '../ports.ts';
import { PowerCutFiles, seededFraction } from '../testing/power-cut-files.ts';
import type { SpoolLimits } from './limits.ts';
import { openSpool, type OpenSpool } from './spool.ts';

export const spoolDirectory = '/data/sandbox/spool';
export const shardPath = `${spoolDirectory}/worker-0`;

/** Small enough that a test rotates, carries and fills up within a few hundred messages. */
export const smallLimits: Partial<SpoolLimits> = {
  journalSegmentBytes: 8 * 1024,
  contentSegmentBytes: 16 * 1024,
  waitingSegmentBytes: 8 * 1024,
  returnRows: 7,
  reserveBytes: 16 * 1024,
  softFreeBytes: 64 * 1024,
  resumeFreeBytes: 80 * 1024,
  freeCheckBytes: 8 * 1024,
  carryBytes: 4 * 1024,
};

export function injection(n: number, options: { recipients?: number; bytes?: Uint8Array; messageId?: string } = {}): Injection {
  const bytes = options.bytes ?? Buffer.from(`Subject: ${n}\r\n\r\n${'x'.repeat(200)}\r\n`);
  return {
    messageId: options.messageId ?? `0199aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`,
    tenantId: 'tenant',
    streamId: 'stream',
    campaign: null,
    sender: `bounce-${n}@sender.example`,
    recipients: Array.from({ length: options.recipients ?? 1 }, (_, index) => ({
      address: `r${index}@dömain.example`,
      domain: 'xn--dmain-jua.example',
      dsn: index === 1 ? { notify: 'NEVER', orcpt: null } : null,
    })),
    poolId: null,
    options: null,
    egress: 'sandbox',
    acceptedAt: 1_000 + n,
    expiresAt: 900_000,
    facts: {
      sizeBytes: bytes.length,
      headerBytes: 14,
      bodyHash: 'hash',
      eightBit: false,
      utf8: false,
      fromDomain: 'sender.example',
      headerMessageId: null,
    },
    bytes,
  };
}

function eventOf(entryId: string, type: 'delivered' | 'deferred'): JournalRecord['event'] {
  const messageId = entryId.slice(0, entryId.lastIndexOf('.'));
  const of = {
    tenantId: 'tenant',
    streamId: 'stream',
    campaign: null,
    messageId,
    entryId,
    sender: 's@sender.example',
    recipient: 'r@x.example',
    domain: 'x.example',
  };
  const reply = { code: type === 'delivered' ? 250 : 451, enhanced: null, text: 'ok “quoted”', command: 'message' as const };
  const over = { sourceId: 'source', poolId: 'pool', provider: null, site: 'site', mxHost: 'mx.example', remoteAddress: '127.0.0.9' };
  const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', verified: false };
  const end = {
    scope: 'recipient' as const,
    bounceClass: null,
    detail: null,
    tls,
    latencyMs: 5,
    nextAttemptAt: null,
    heldCount: null,
    headerMessageId: null,
  };
  const rule = type === 'deferred' ? { replyRule: 'p.busy' } : {};
  return { type, at: 2_000, egress: 'sandbox', ...of, sizeBytes: 200, attempt: 1, ...over, reply, ...end, ...rule };
}

export const ended = (entryId: string): JournalRecord => ({ event: eventOf(entryId, 'delivered'), change: { kind: 'end', entryId } });
export const retried = (entryId: string, attempts: number, dueAt: number): JournalRecord => ({
  event: eventOf(entryId, 'deferred'),
  change: { kind: 'retry', entryId, attempts, dueAt, lastSourceId: 'source', dotSent: true, delayReported: false },
});

/** The same of an entry that is laid by until then. */
export function laidBy(entryId: string, attempts: number, dueAt: number): JournalRecord {
  const { event, change } = retried(entryId, attempts, dueAt);
  return { event, change: change.kind === 'retry' ? { ...change, deposit: true } : change };
}

/** A clock whose timers a test runs by hand. */
export function handClock(): Clock & { runTimers(): void } {
  let timers: (() => void)[] = [];
  return {
    nowMs: () => 5_000,
    monotonicMs: () => 5_000,
    setTimer: (_delayMs, fn) => {
      timers.push(fn);
      return () => void (timers = timers.filter((each) => each !== fn));
    },
    runTimers: () => {
      const due = timers;
      timers = [];
      for (const fn of due) fn();
    },
  };
}

export function seededRandom(seed: number): Random {
  const fraction = seededFraction(seed);
  let count = 0;
  return {
    fraction,
    bytes: (length) => new Uint8Array(length),
    uuid: () => `0199bbbb-0000-7000-8000-${String((count += 1) + seed * 1_000).padStart(12, '0')}`,
  };
}

export type Opened = { spool: OpenSpool; clock: ReturnType<typeof handClock>; messages: string[] };

export async function openOn(
  files: PowerCutFiles,
  options: { limits?: Partial<SpoolLimits>; node?: string; seed?: number; monotonicMs?: () => number } = {},
): Promise<Opened> {
  const clock = { ...handClock(), ...(options.monotonicMs && { monotonicMs: options.monotonicMs }) };
  const messages: string[] = [];
  const spool = await openSpool({
    thread: false,
    files,
    directory: spoolDirectory,
    node: options.node ?? 'node-1',
    worker: 0,
    egress: 'sandbox',
    clock,
    random: seededRandom(options.seed ?? 1),
    log: (_level, message) => void messages.push(message),
    limits: { ...smallLimits, ...options.limits },
  });
  return { spool, clock, messages };
}

/** What a start hands out, each entry whole: what comes as a row is loaded. */
export async function* handedOut(spool: Pick<OpenSpool, 'recover' | 'load'>): AsyncGenerator<RecipientEntry[], void> {
  for await (const { entries, waiting } of spool.recover()) {
    const loaded = await spool.load(Array.from({ length: waiting.count }, (_, row) => waitingEntryId(waiting, row)));
    yield [...entries, ...loaded.filter((entry) => entry !== null)];
  }
}

export async function recovered(
  spool: OpenSpool,
): Promise<
  Map<
    string,
    { attempts: number; dueAt: number; dotSent: boolean; recipient: string; content: { segment: number; offset: number; length: number } }
  >
> {
  const entries = new Map();
  for await (const batch of handedOut(spool)) for (const entry of batch) entries.set(entry.entryId, entry);
  return entries;
}

/** Lets every promise that can settle do so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
