// The limit store of a node that shares its limits with nobody: what is leased is in a file on its own disk before it may be spent, so that
// neither a restart nor a crash gives anything twice. Only what time does not give back within a minute is leased: caps, and slow rates
// or large bursts. Every other rate starts without its burst when there was a process here before.
import { leaseRecord, type LeaseRecord } from '@sluice/contract';
import { LimitLedger, type Lease, type LeaseRequest, type LeaseTerms, type LimitStore } from '@sluice/policy';
import { batchFile } from '../config/batch-file.ts';
import type { RecordFile } from '../config/record-file.ts';
import type { Clock, EngineLog } from '../ports.ts';

/** A rate that is full again within this time is not leased. */
const forgottenAfterMs = 60_000;

export function localLimitStore(file: RecordFile, { clock, log }: { clock: Pick<Clock, 'nowMs'>; log: EngineLog }): LimitStore {
  const ledger = new LimitLedger();
  const kept = batchFile(file);
  let unknownUntilMs = 0;

  /** One call at a time: the desk asks so. */
  async function keep(records: readonly LeaseRecord[]): Promise<void> {
    await kept.keep(records, { kind: 'leases' }, { count: ledger.size, records: () => ledger.records() });
  }

  return {
    covers: (terms: LeaseTerms) => terms.kind === 'cap' || terms.intervalMs * (terms.burst + 1) > forgottenAfterMs,
    get unknownUntilMs() {
      return unknownUntilMs;
    },
    async start() {
      let batches = 0;
      const whole = await kept.load((records) => {
        batches++;
        for (const line of records) {
          const known = leaseRecord.parse(line);
          ledger.restore(known.key, known);
        }
      });
      if (!whole) log.warn('what was used of limits cannot be read in full; caps may count less than was sent', {});
      if (batches > 0 || !whole) unknownUntilMs = clock.nowMs() + forgottenAfterMs;
      // From now on there was a process here. Where that cannot be written no lease will be either.
      if (batches === 0) await keep([]).catch((error: unknown) => log.warn('leases of limits cannot be kept', { error: String(error) }));
    },
    async lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]> {
      const nowMs = clock.nowMs();
      const before = new Map<string, LeaseRecord | undefined>();
      for (const { key } of requests) if (!before.has(key)) before.set(key, ledger.get(key));
      const leases = requests.map((request) => ledger.lease(request, nowMs));
      try {
        await keep([...before.keys()].flatMap((key) => ledger.get(key) ?? []));
      } catch (error) {
        // Not given, and so not used.
        for (const [key, was] of before) ledger.restore(key, was);
        throw error;
      }
      return leases;
    },
  };
}
