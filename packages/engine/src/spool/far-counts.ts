// Entries of each queue that lie on disk alone, counted while a start reads the depot.
import type { FarCount } from '../waiting-entries.ts';

export class FarCounts {
  readonly #queues = new Map<string, FarCount>();

  add(key: string, count: number, fromMs: number): void {
    const known = this.#queues.get(key);
    if (known === undefined) {
      const [tenantId = '', streamId = '', campaign = '', domain = ''] = key.split('\0');
      this.#queues.set(key, { queue: { tenantId, streamId, campaign: campaign === '' ? null : campaign, domain }, count, fromMs });
      return;
    }
    known.count += count;
    known.fromMs = Math.min(known.fromMs, fromMs);
  }

  /** A batch at a time. */
  *batches(most: number): Generator<FarCount[], void> {
    let batch: FarCount[] = [];
    for (const count of this.#queues.values()) {
      batch.push(count);
      if (batch.length < most) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}
