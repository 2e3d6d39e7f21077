// Who is told of what: the settings say where reports go, NOTIFY of the recipient says whether the sender wants them, and the null sender
// gets none, so that no report ever answers a report. RFC 3461 section 5.2, RFC 5321 section 4.5.5.
import type { DeliverySettings } from '@sluice/contract';
import type { Outcome, RecipientEntry } from '../entry.ts';
import type { ReportAction } from '../message/index.ts';

export type ReportTarget = 'sender' | 'hook';
export type ReportWish = { action: ReportAction; target: ReportTarget };

function notifies(entry: RecipientEntry, wanted: 'FAILURE' | 'DELAY' | 'SUCCESS'): boolean {
  const notify = entry.dsn?.notify;
  // RFC 3461 section 4.1: without NOTIFY failure is reported, delay may be, success is not.
  if (!notify) return wanted !== 'SUCCESS';
  return notify.toUpperCase().split(',').includes(wanted);
}

function directed(
  to: DeliverySettings['failureReports'],
  entry: RecipientEntry,
  wanted: 'FAILURE' | 'DELAY' | 'SUCCESS',
): ReportTarget | null {
  if (to === 'none') return null;
  if (to === 'hook') return 'hook';
  return notifies(entry, wanted) ? 'sender' : null;
}

/** The report that the end of an entry calls for. */
export function failureWish(settings: DeliverySettings, entry: RecipientEntry): ReportWish | null {
  if (entry.sender === '') return null;
  const target = directed(settings.failureReports, entry, 'FAILURE');
  return target && { action: 'failed', target };
}

/** The report that an entry calls for which was not delivered so far; the time that its sender asked it to wait is no delay. */
export function delayWish(
  { delayReportAfterSeconds, delayReports }: DeliverySettings,
  entry: RecipientEntry,
  nowMs: number,
): ReportWish | null {
  if (delayReportAfterSeconds === null || entry.delayReported || entry.sender === '') return null;
  if (nowMs - Math.max(entry.acceptedAt, entry.options?.notBefore ?? 0) < delayReportAfterSeconds * 1000) return null;
  const target = directed(delayReports, entry, 'DELAY');
  return target && { action: 'delayed', target };
}

/** The report that an outcome calls for. `peerReports`: the next host took over the duty to report. */
export function outcomeWish(
  settings: DeliverySettings,
  entry: RecipientEntry,
  outcome: Outcome,
  peerReports: boolean,
  nowMs: number,
): ReportWish | null {
  if (entry.sender === '') return null;
  switch (outcome.kind) {
    case 'bounced':
      return failureWish(settings, entry);
    case 'deferred':
      return delayWish(settings, entry, nowMs);
    case 'delivered': {
      if (!entry.dsn?.notify || settings.failureReports === 'none' || !notifies(entry, 'SUCCESS')) return null;
      if (settings.protocol === 'lmtp') return { action: 'delivered', target: 'sender' };
      // RFC 3461 section 5.2.2: a host without DSN will not report, so whoever hands the mail to it does.
      return peerReports ? null : { action: 'relayed', target: 'sender' };
    }
  }
}
