// One crash story: a spool on a disk that can lose its power works through random accepts, outcomes, reads and shipping; the power goes in
// the middle of some operation; what the disk kept is opened again and held against the ledger of what had been promised. Then life goes
// on and the power goes once more. Every story is repeatable from its seed.
import { createHash } from 'node:crypto';
import { readEvents } from '../events/log-reader.ts';
import type { Injection, RecipientEntry, SpoolRecord, StoredContent } from '../entry.ts';
import type { AcceptedEntries } from '../ports.ts';
import type { SpoolLimits } from '../spool/limits.ts';
import { waitingEntryId, type ReturnedBatch } from '../waiting-entries.ts';
import { logStart, type JournalPosition } from '../spool/segment-files.ts';
import { openSpool, type OpenSpool } from '../spool/spool.ts';
import { ended, handClock, handedOut, injection, laidBy, retried, seededRandom, smallLimits, spoolDirectory } from '../spool/testing.ts';
import { PowerCutFiles, seededFraction, type Failure } from './power-cut-files.ts';

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What was offered, and what was promised. */
export class Ledger {
  readonly offered = new Map<string, { recipients: number; hash: string }>();
  readonly accepted = new Map<string, RecipientEntry>();
  readonly endOffered = new Set<string>();
  readonly endPromised = new Set<string>();
  /** Attempts promised and highest attempts offered, by entry. */
  readonly retryPromised = new Map<string, number>();
  readonly retryOffered = new Map<string, number>();
  /** Entries that may lie in the depot: nothing happens to these until they are given back. */
  readonly resting = new Set<string>();
  /** Event id -> hash as once read. */
  readonly events = new Map<string, string>();
  /** `type entryId` of every event read. */
  readonly reported = new Set<string>();
  shipped: JournalPosition = logStart;
  next = 0;
}

/** A broken promise: mail or event lost, an end undone (or told twice), bytes that are not what was accepted. */
export type Violation = { kind: 'lost' | 'undone' | 'torn'; what: string };

export type StoryFigures = {
  operations: number;
  accepted: number;
  outcomes: number;
  /** Entries in the depot at the end, and those moved in it to make it small. */
  laidBy: number;
  relaid: number;
  liveAfter: number;
  violations: Violation[];
};

/** Segments of the waiting hold few entries, so that most stories make the depot small. */
const limits: Partial<SpoolLimits> = {
  ...smallLimits,
  ...{ softFreeBytes: 0, resumeFreeBytes: 0, cacheBytes: 4 * 1024, waitingSegmentBytes: 1_200 },
};
/** Contents that come in parts, and those of them that nobody finishes. */
const inPartsShare = 0.2;
const abandonedShare = 0.2;
const partBytes = 512;

/** As a large message is received: parts, the end, then the injection that names its place. */
async function acceptInParts(spool: OpenSpool, offered: Injection, abandoned: boolean): Promise<AcceptedEntries> {
  const draft = spool.draft();
  for (let from = 0; from < offered.bytes.length; from += partBytes) await draft.append(offered.bytes.slice(from, from + partBytes));
  if (abandoned) throw new Error('the client went away');
  return spool.accept({ ...offered, bytes: new Uint8Array(0), stored: await draft.finish(offered.facts) });
}

/** Null when a part of it cannot be read. */
async function contentHash({ bytes, further }: StoredContent): Promise<string | null> {
  const parts = [bytes];
  for (let n = 0; n < (further?.count ?? 0); n += 1) {
    const part = await further?.read(n).catch(() => null);
    if (!part) return null;
    parts.push(part);
  }
  return hashOf(Buffer.concat(parts));
}

/** Retries that are laid by until they are due; entries that are laid by untried: instead of an outcome, or as soon as they are accepted. */
const depositShare = 0.5;
const layByShare = 0.25;
const forLaterShare = 0.5;
const laidByForMs = 2 * 3_600_000;

/** Calls of one life; each is one accept, outcome, read or shipping step. */
const callsPerLife = 150;

async function open(files: PowerCutFiles, seed: number): Promise<OpenSpool> {
  const options = { directory: spoolDirectory, node: 'node-1', worker: 0, egress: 'sandbox' as const, limits };
  return openSpool({ ...options, thread: false, files, clock: handClock(), random: seededRandom(seed), log: () => undefined });
}

function randomInjection(ledger: Ledger, fraction: () => number): Injection {
  const n = (ledger.next += 1);
  const bytes = Buffer.from(`Subject: ${n}\r\n\r\n${String(n).padEnd(Math.floor(fraction() * 5_000), `${n},`)}\r\n`);
  return injection(n, { bytes, recipients: 1 + Math.floor(fraction() ** 4 * 8) });
}

/** One life until the power goes or the calls are through. Promises that never settle are part of the story. */
async function live(
  spool: OpenSpool,
  files: PowerCutFiles,
  ledger: Ledger,
  fraction: () => number,
  broken: Failure | null,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  const pick = (): RecipientEntry | undefined => {
    const candidates = [...ledger.accepted.values()].filter(
      ({ entryId }) => !ledger.endOffered.has(entryId) && !ledger.resting.has(entryId),
    );
    return candidates[Math.floor(fraction() ** 2 * candidates.length)];
  };
  const layBy = (entryId: string): void => {
    ledger.resting.add(entryId);
    const attempts = ledger.retryOffered.get(entryId) ?? 0;
    spool.record([restingFrom(entryId, attempts, fraction() * laidByForMs)]).catch(() => undefined);
  };
  const accept = (): void => {
    const offered = randomInjection(ledger, fraction);
    ledger.offered.set(offered.messageId, { recipients: offered.recipients.length, hash: hashOf(offered.bytes) });
    const forLater = fraction() < forLaterShare;
    const keep = ({ entries }: { entries: RecipientEntry[] }): void => {
      for (const entry of entries) ledger.accepted.set(entry.entryId, entry);
      if (forLater) for (const { entryId } of entries) layBy(entryId);
    };
    const taken = fraction() < inPartsShare ? acceptInParts(spool, offered, fraction() < abandonedShare) : spool.accept(offered);
    taken.then(keep, () => undefined);
  };
  const outcome = (): void => {
    const entry = pick();
    if (entry === undefined) return;
    const { entryId } = entry;
    if (fraction() < layByShare) layBy(entryId);
    else if (fraction() < 0.7) {
      ledger.endOffered.add(entryId);
      spool.record([ended(entryId)]).then(
        () => ledger.endPromised.add(entryId),
        () => undefined,
      );
    } else {
      const attempts = (ledger.retryOffered.get(entryId) ?? 0) + 1;
      ledger.retryOffered.set(entryId, attempts);
      const deposit = fraction() < depositShare;
      if (deposit) ledger.resting.add(entryId);
      spool
        .record([deposit ? laidBy(entryId, attempts, Math.floor(fraction() * laidByForMs)) : retried(entryId, attempts, attempts * 40_000)])
        .then(
          () => ledger.retryPromised.set(entryId, attempts),
          () => undefined,
        );
    }
  };
  const read = async (): Promise<void> => {
    const entry = pick();
    if (entry === undefined || files.dark) return;
    const stored = await spool.read(entry.content).catch(() => null);
    if (files.dark) return;
    if (stored === null) violations.push({ kind: 'torn', what: `${entry.entryId}: content cannot be read` });
    else if ((await contentHash(stored)) !== ledger.offered.get(entry.messageId)?.hash && !files.dark)
      violations.push({ kind: 'torn', what: `${entry.entryId}: content is not what was accepted` });
  };
  for (let call = 0; call < callsPerLife && !files.dark; call += 1) {
    if (call === Math.floor(callsPerLife / 2) && broken !== null) files.fail({ ...broken });
    const choice = fraction();
    if (choice < 0.4) accept();
    else if (choice < 0.8) outcome();
    else if (choice < 0.85) await giveBack(spool, ledger, fraction() * laidByForMs);
    else if (choice < 0.95) await read();
    else ship(spool, files, ledger);
    if (fraction() < 0.4) for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
  }
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  return violations;
}

/** Some of what is due by then comes back; a promise that never settles after the cut is part of the story. */
async function giveBack(spool: OpenSpool, ledger: Ledger, untilMs: number): Promise<void> {
  const given = await spool.depot?.give(untilMs).catch(() => null);
  const ids = given ? idsOf(given) : [];
  for (const entryId of ids) ledger.resting.delete(entryId);
  // Where the content lies now is only known of what was loaded.
  for (const entry of (await spool.load(ids).catch(() => [])) ?? []) if (entry !== null) ledger.accepted.set(entry.entryId, entry);
}

const idsOf = ({ entries, waiting }: ReturnedBatch): string[] => [
  ...entries.map(({ entryId }) => entryId),
  ...Array.from({ length: waiting.count }, (_, row) => waitingEntryId(waiting, row)),
];

/** Laid by though nothing happened to it. */
function restingFrom(entryId: string, attempts: number, dueAt: number): SpoolRecord {
  const { change } = retried(entryId, attempts, Math.floor(dueAt));
  if (change.kind !== 'retry') throw new Error('a retry is no retry');
  return { event: null, change: { ...change, deposit: true } };
}

/** Reads events as the shipper does and lets the log forget them. */
function ship(spool: OpenSpool, files: PowerCutFiles, ledger: Ledger): void {
  try {
    const log = { files, directory: spoolDirectory, node: 'node-1', worker: 0, logId: spool.logId };
    const page = readEvents(log, ledger.shipped, spool.durable(), 40);
    for (const { event, contentHash } of page.events) {
      ledger.events.set(event.id, contentHash);
      ledger.reported.add(`${event.type} ${event.entryId}`);
    }
    ledger.shipped = page.next;
    spool.releaseShipped(page.next);
  } catch (error) {
    if (!files.dark) throw error;
  }
}

/** Holds what a new start finds against the ledger. */
async function check(spool: OpenSpool, files: PowerCutFiles, ledger: Ledger): Promise<{ violations: Violation[]; live: RecipientEntry[] }> {
  const violations: Violation[] = [];
  const found = new Map<string, RecipientEntry>();
  for await (const batch of handedOut(spool)) for (const entry of batch) found.set(entry.entryId, entry);
  for (let given = await spool.depot?.give(Infinity); given && idsOf(given).length > 0; given = await spool.depot?.give(Infinity)) {
    const ids = idsOf(given);
    for (const entry of await spool.load(ids)) {
      if (entry === null) violations.push({ kind: 'lost', what: `${ids.join()}: given back and not there` });
      else if (found.has(entry.entryId)) violations.push({ kind: 'undone', what: `${entry.entryId}: there and given back` });
      else found.set(entry.entryId, entry);
    }
  }
  ledger.resting.clear();
  for (const entryId of ledger.accepted.keys()) {
    if (!ledger.endOffered.has(entryId) && !found.has(entryId)) violations.push({ kind: 'lost', what: `${entryId}: accepted and lost` });
  }
  for (const entryId of ledger.endPromised)
    if (found.has(entryId)) violations.push({ kind: 'undone', what: `${entryId}: ended and came back` });
  for (const [messageId, { recipients }] of ledger.offered) {
    const missing = Array.from({ length: recipients }, (_, index) => `${messageId}.${index}`).filter(
      (entryId) => !found.has(entryId) && !ledger.endOffered.has(entryId),
    );
    const present = Array.from({ length: recipients }, (_, index) => `${messageId}.${index}`).some((entryId) => found.has(entryId));
    if (present && missing.length > 0) violations.push({ kind: 'lost', what: `${messageId}: accepted in part` });
  }
  for (const entry of found.values()) {
    const promised = ledger.retryPromised.get(entry.entryId) ?? 0;
    const offered = ledger.retryOffered.get(entry.entryId) ?? 0;
    if (entry.attempts < promised || entry.attempts > offered)
      violations.push({ kind: 'undone', what: `${entry.entryId}: attempts ${entry.attempts}, promised ${promised}` });
    const stored = await spool.read(entry.content).catch(() => null);
    if (stored === null || (await contentHash(stored)) !== ledger.offered.get(entry.messageId)?.hash)
      violations.push({ kind: 'torn', what: `${entry.entryId}: torn content` });
  }
  violations.push(...checkEvents(spool, files, ledger));
  if (spool.stats().setAside > 0) violations.push({ kind: 'lost', what: 'entries were set aside' });
  return { violations, live: [...found.values()] };
}

/** Every promised outcome has its one event, shipped before or still in the log; an id never changes its meaning. */
function checkEvents(spool: OpenSpool, files: PowerCutFiles, ledger: Ledger): Violation[] {
  const violations: Violation[] = [];
  const seen = new Map<string, number>();
  const log = { files, directory: spoolDirectory, node: 'node-1', worker: 0, logId: spool.logId };
  const page = readEvents(log, ledger.shipped, spool.durable(), Number.MAX_SAFE_INTEGER);
  for (const { event, contentHash } of page.events) {
    const before = ledger.events.get(event.id);
    if (before !== undefined && before !== contentHash) violations.push({ kind: 'torn', what: `${event.id}: an event changed` });
    ledger.events.set(event.id, contentHash);
    ledger.reported.add(`${event.type} ${event.entryId}`);
    if (event.type === 'delivered' && event.entryId !== null) seen.set(event.entryId, (seen.get(event.entryId) ?? 0) + 1);
  }
  ledger.shipped = page.next;
  for (const entryId of ledger.endPromised)
    if (!ledger.reported.has(`delivered ${entryId}`)) violations.push({ kind: 'lost', what: `${entryId}: ended without an event` });
  for (const entryId of ledger.accepted.keys()) {
    if (!ledger.reported.has(`accepted ${entryId}`)) violations.push({ kind: 'lost', what: `${entryId}: accepted without an event` });
  }
  for (const [entryId, count] of seen)
    if (count > 1) violations.push({ kind: 'undone', what: `${entryId}: ended ${count} times in the log` });
  return violations;
}

/** Two lives and two cuts. `cutAt` null: the power stays on, to learn how many operations a life has. */
export async function crashStory(options: { seed: number; cutAt: number | null; broken: Failure | null }): Promise<StoryFigures> {
  const fraction = seededFraction(options.seed);
  const ledger = new Ledger();
  const violations: Violation[] = [];
  let files = new PowerCutFiles({ seed: options.seed, cutAt: options.cutAt ?? undefined });
  let operations = 0;
  let relaid = 0;
  for (let life = 0; life < 2; life += 1) {
    const spool = await open(files, options.seed).catch((error: Error) => error);
    if (!(spool instanceof Error)) {
      if (life > 0) {
        const checked = await check(spool, files, ledger).catch(() => null);
        if (checked !== null && !files.dark) {
          violations.push(...checked.violations);
          adopt(ledger, checked.live);
        }
      }
      violations.push(...(await live(spool, files, ledger, fraction, options.broken)));
      relaid += spool.stats().relaid;
    } else if (!files.dark) throw spool;
    operations ||= files.operations;
    const cutAgain = options.cutAt === null || life > 0 ? undefined : 1 + Math.floor(fraction() * operations);
    files = files.afterCut({ seed: options.seed + life + 1, cutAt: cutAgain });
  }
  const last = await open(files, options.seed);
  const laidBy = last.stats().depotEntries;
  const checked = await check(last, files, ledger);
  violations.push(...checked.violations);
  await last.close();
  return {
    operations,
    accepted: ledger.accepted.size,
    outcomes: ledger.endPromised.size + ledger.retryPromised.size,
    ...{ laidBy, relaid, liveAfter: checked.live.length },
    violations,
  };
}

/** After a start the queue holds what the spool gave it: places may have moved, and what was never acknowledged may be there. */
function adopt(ledger: Ledger, entries: readonly RecipientEntry[]): void {
  const live = new Set(entries.map((entry) => entry.entryId));
  for (const entry of entries) {
    ledger.accepted.set(entry.entryId, entry);
    ledger.endOffered.delete(entry.entryId);
    ledger.retryOffered.set(entry.entryId, entry.attempts);
  }
  for (const entryId of ledger.endOffered) if (!live.has(entryId)) ledger.endPromised.add(entryId);
}

export type PowerCutFigures = Omit<StoryFigures, 'operations'> & { points: number };

/** Crash stories at random points; every third also has a disk that fails once in the middle. */
export async function powerCutPoints(options: { seed: number; points: number }): Promise<PowerCutFigures> {
  const fraction = seededFraction(options.seed);
  const figures: PowerCutFigures = { points: 0, accepted: 0, outcomes: 0, laidBy: 0, relaid: 0, liveAfter: 0, violations: [] };
  const failures: Failure[] = [
    { operation: 'datasync', code: 'EIO', times: 1 },
    { operation: 'write', code: 'EIO', times: 1 },
    { operation: 'write', code: 'ENOSPC', times: 2 },
  ];
  for (let point = 0; point < options.points; point += 1) {
    const seed = options.seed * 100_003 + point;
    const broken = point % 3 === 0 ? (failures[(point / 3) % failures.length] ?? null) : null;
    const whole = await crashStory({ seed, cutAt: null, broken });
    const cutAt = 1 + Math.floor(fraction() * whole.operations);
    const story = await crashStory({ seed, cutAt, broken });
    for (const { kind, what } of [...whole.violations, ...story.violations])
      figures.violations.push({ kind, what: `seed ${seed}, cut at ${cutAt}: ${what}` });
    figures.points += 1;
    figures.accepted += story.accepted;
    figures.outcomes += story.outcomes;
    figures.laidBy += story.laidBy;
    figures.relaid += story.relaid;
    figures.liveAfter += story.liveAfter;
  }
  return figures;
}
