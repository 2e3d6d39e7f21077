// A spool of a simulation: holds what waits in memory and writes nothing. Entries are the very objects that the queues hold, so that one that
// is let go to save memory is there when it is asked for again. Every event passes by whoever counts.
import { hash } from 'node:crypto';
import { noOptions, type ContentFacts, type ContentRef, type RecipientEntry, type SpoolRecord, type UnplacedEvent } from '../../entry.ts';
import type { Spool } from '../../ports.ts';
import { ReleasingMap } from '../../releasing.ts';
import type { Arrival } from './arrival.ts';

const nothing = new Uint8Array(0);
const neverReport = { notify: 'NEVER', orcpt: null };
const bodyHash = hash('sha256', '', 'base64');

export class VirtualSpool implements Spool {
  readonly #live = new ReleasingMap<string, RecipientEntry>();
  readonly #senders = new Map<string, number>();
  readonly #fromDomains: string[] = [];
  readonly #onEvent: (event: UnplacedEvent, entry: RecipientEntry | null) => void;
  #messages = 0;
  #last: { message: string | null; number: number; index: number } = { message: null, number: 0, index: 0 };
  mostLive = 0;

  /** `entry`: that the event is about, if it still waits. */
  constructor(onEvent: (event: UnplacedEvent, entry: RecipientEntry | null) => void) {
    this.#onEvent = onEvent;
  }

  /** Entries that wait or are under way. */
  get live(): number {
    return this.#live.size;
  }

  /** Takes an arrival; the entry is to be handed to the engine. */
  take(arrival: Arrival, lifeMs: number): RecipientEntry {
    const { atMs, tenantId, streamId, campaign, sender, recipient, domain, sizeBytes, poolId, notBeforeMs } = arrival;
    const follows = arrival.message !== null && arrival.message === this.#last.message;
    this.#last = follows
      ? { ...this.#last, index: this.#last.index + 1 }
      : { message: arrival.message, number: this.#messages++, index: 0 };
    const messageId = `00000000-0000-7000-9000-${this.#last.number.toString(16).padStart(12, '0')}`;
    const entry: RecipientEntry = {
      ...{ entryId: `${messageId}.${this.#last.index}`, messageId, tenantId, streamId, campaign, sender, recipient, domain, poolId },
      content: { segment: this.#fromDomainOf(sender), offset: 0, length: sizeBytes },
      dsn: neverReport,
      options: notBeforeMs === null ? null : { ...noOptions, notBefore: notBeforeMs },
      egress: 'sandbox',
      acceptedAt: atMs,
      expiresAt: atMs + lifeMs,
      ...{ attempts: 0, dueAt: notBeforeMs ?? atMs, lastSourceId: null, dotSent: false, delayReported: false },
    };
    this.#live.set(entry.entryId, entry);
    this.mostLive = Math.max(this.mostLive, this.#live.size);
    return entry;
  }

  #fromDomainOf(sender: string): number {
    const domain = sender.slice(sender.lastIndexOf('@') + 1).toLowerCase();
    const known = this.#senders.get(domain);
    if (known !== undefined) return known;
    this.#senders.set(domain, this.#fromDomains.length);
    return this.#fromDomains.push(domain) - 1;
  }

  async *recover(): ReturnType<Spool['recover']> {
    // Nothing waits at the beginning.
  }

  accept(): Promise<never> {
    return Promise.reject(new Error('a simulation takes no mail of its own, such as reports'));
  }

  draft(): never {
    throw new Error('a simulation takes no contents');
  }

  record(records: SpoolRecord[]): Promise<void> {
    for (const { event, change } of records) {
      if (event !== null) this.#onEvent(event, event.entryId === null ? null : (this.#live.get(event.entryId) ?? null));
      if (change.kind === 'end') this.#live.delete(change.entryId);
    }
    return Promise.resolve();
  }

  load(entryIds: readonly string[]): Promise<(RecipientEntry | null)[]> {
    return Promise.resolve(entryIds.map((entryId) => this.#live.get(entryId) ?? null));
  }

  read({ segment, length }: ContentRef): ReturnType<Spool['read']> {
    const facts: ContentFacts = {
      ...{ sizeBytes: length, headerBytes: 0, bodyHash, eightBit: false, utf8: false, headerMessageId: null },
      fromDomain: this.#fromDomains[segment] ?? '',
    };
    return Promise.resolve({ bytes: nothing, facts, further: null });
  }

  trouble(): null {
    return null;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
