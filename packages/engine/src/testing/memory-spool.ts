// A spool in memory, for tests of everything above it. `restart` gives a new spool over the same "disk", as after a crash: what was
// recorded counts, what was not did not happen.
import type { ContentFacts, ContentRef, FurtherParts, Injection, SpoolRecord, RecipientEntry, UnplacedEvent } from '../entry.ts';
import { wholeEntries } from '../waiting-entries.ts';
import { SpoolError, type Spool, type SpoolTrouble } from '../ports.ts';

export type MemorySpool = Spool & {
  readonly events: UnplacedEvent[];
  /** Entries that are on disk now. */
  entries(): RecipientEntry[];
  setTrouble(trouble: SpoolTrouble | null): void;
  /** While set, `record` waits; calling the result lets it go on. */
  stall(): () => void;
  /** Contents whose reading fails, by message id. */
  readonly unreadable: Set<string>;
  restart(): MemorySpool;
};

/** `parts`: of a content that came as a draft. */
type Stored = { messageId: string; bytes: Uint8Array; facts: ContentFacts; parts?: Uint8Array[] };
type Disk = { contents: Stored[]; entries: Map<string, RecipientEntry>; events: UnplacedEvent[] };

const recoverBatch = 1000;

export function memorySpool(disk: Disk = { contents: [], entries: new Map(), events: [] }): MemorySpool {
  let trouble: SpoolTrouble | null = null;
  let stalled: Promise<void> | null = null;
  const unreadable = new Set<string>();

  function apply({ event, change }: SpoolRecord): void {
    if (event !== null) disk.events.push(event);
    if (change.kind === 'none') return;
    const entry = disk.entries.get(change.entryId);
    if (!entry) throw new Error(`a record for entry ${change.entryId}, which is over`);
    if (change.kind === 'end') disk.entries.delete(change.entryId);
    else {
      const { attempts, dueAt, lastSourceId, dotSent, delayReported } = change;
      disk.entries.set(change.entryId, { ...entry, attempts, dueAt, lastSourceId, dotSent, delayReported });
    }
  }

  function further({ messageId, parts = [] }: Stored): FurtherParts | null {
    const [, ...rest] = parts;
    if (rest.length === 0) return null;
    return {
      ...{ bytes: rest.reduce((sum, part) => sum + part.length, 0), count: rest.length },
      read: (n) => {
        const part = rest[n];
        return !part || unreadable.has(messageId) ? Promise.reject(new Error('checksum does not match')) : Promise.resolve(part);
      },
    };
  }

  return {
    events: disk.events,
    unreadable,
    entries: () => [...disk.entries.values()],
    setTrouble: (next) => {
      trouble = next;
    },
    stall() {
      let release = (): void => undefined;
      stalled = new Promise((resolve) => {
        release = () => {
          stalled = null;
          resolve();
        };
      });
      return () => release();
    },
    restart: () => memorySpool(disk),
    async *recover() {
      const all = [...disk.entries.values()];
      for (let from = 0; from < all.length; from += recoverBatch)
        yield wholeEntries(all.slice(from, from + recoverBatch).map((entry) => ({ ...entry })));
    },
    accept(injection: Injection) {
      if (trouble) return Promise.reject(new SpoolError(trouble));
      const content: ContentRef = injection.stored ?? { segment: 0, offset: disk.contents.length, length: injection.bytes.length };
      const drafted = injection.stored && disk.contents[injection.stored.offset];
      if (drafted) drafted.messageId = injection.messageId;
      else disk.contents.push({ messageId: injection.messageId, bytes: injection.bytes, facts: injection.facts });
      const { messageId, tenantId, streamId, campaign, sender, poolId, options, egress, acceptedAt, expiresAt } = injection;
      const entries = injection.recipients.map(({ address, domain, dsn }, index): RecipientEntry => {
        const fixed = {
          messageId,
          tenantId,
          streamId,
          campaign,
          sender,
          poolId,
          egress,
          acceptedAt,
          expiresAt,
          content,
          dsn,
          options,
          domain,
          recipient: address,
        };
        const dueAt = options?.notBefore ?? acceptedAt;
        return { ...fixed, entryId: `${messageId}.${index}`, attempts: 0, dueAt, lastSourceId: null, dotSent: false, delayReported: false };
      });
      for (const entry of entries) disk.entries.set(entry.entryId, { ...entry });
      return Promise.resolve({ entries });
    },
    async record(records) {
      if (stalled) await stalled;
      if (trouble && !trouble.deliveryMayGoOn) throw new SpoolError(trouble);
      for (const record of records) apply(record);
    },
    load(entryIds) {
      const found = entryIds.map((entryId) => disk.entries.get(entryId));
      return Promise.resolve(found.map((entry) => (entry === undefined ? null : { ...entry })));
    },
    read(content) {
      const stored = disk.contents[content.offset];
      if (!stored || unreadable.has(stored.messageId)) return Promise.reject(new Error('checksum does not match'));
      return Promise.resolve({ bytes: stored.bytes, facts: stored.facts, further: further(stored) });
    },
    draft() {
      const parts: Uint8Array[] = [];
      return {
        append(part) {
          if (trouble) return Promise.reject(new SpoolError(trouble));
          parts.push(part);
          return Promise.resolve();
        },
        finish(facts) {
          if (trouble) return Promise.reject(new SpoolError(trouble));
          const [bytes = new Uint8Array(0)] = parts;
          disk.contents.push({ messageId: '', bytes, facts, parts });
          return Promise.resolve({ segment: 0, offset: disk.contents.length - 1, length: facts.sizeBytes });
        },
        discard: () => undefined,
      };
    },
    trouble: () => trouble,
    close: () => Promise.resolve(),
  };
}
