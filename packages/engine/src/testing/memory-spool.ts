// A spool in memory, for tests of everything above it. `restart` gives a new spool over the same "disk", as after a crash: what was
// recorded counts, what was not did not happen.
import type { ContentFacts, ContentRef, Injection, JournalRecord, RecipientEntry, UnplacedEvent } from '../entry.ts';
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

type Stored = { messageId: string; bytes: Uint8Array; facts: ContentFacts };
type Disk = { contents: Stored[]; entries: Map<string, RecipientEntry>; events: UnplacedEvent[] };

const recoverBatch = 1000;

export function memorySpool(disk: Disk = { contents: [], entries: new Map(), events: [] }): MemorySpool {
  let trouble: SpoolTrouble | null = null;
  let stalled: Promise<void> | null = null;
  const unreadable = new Set<string>();

  function apply({ event, change }: JournalRecord): void {
    disk.events.push(event);
    if (change.kind === 'none') return;
    const entry = disk.entries.get(change.entryId);
    if (!entry) throw new Error(`a record for entry ${change.entryId}, which is over`);
    if (change.kind === 'end') disk.entries.delete(change.entryId);
    else {
      const { attempts, dueAt, lastSourceId, dotSent, delayReported } = change;
      disk.entries.set(change.entryId, { ...entry, attempts, dueAt, lastSourceId, dotSent, delayReported });
    }
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
      for (let from = 0; from < all.length; from += recoverBatch) yield all.slice(from, from + recoverBatch).map((entry) => ({ ...entry }));
    },
    accept(injection: Injection) {
      if (trouble) return Promise.reject(new SpoolError(trouble));
      const content: ContentRef = { segment: 0, offset: disk.contents.length, length: injection.bytes.length };
      disk.contents.push({ messageId: injection.messageId, bytes: injection.bytes, facts: injection.facts });
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
      return Promise.resolve({ bytes: stored.bytes, facts: stored.facts });
    },
    trouble: () => trouble,
    close: () => Promise.resolve(),
  };
}
