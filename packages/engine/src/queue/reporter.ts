// Reports of failure, delay and success. A report is an injection of its own that is durable before the record of the outcome it speaks
// of is written: a crash between the two makes the attempt and the report a second time, never none. A hook is called before the record
// too, a bounded number of times. Whoever waits for the record waits for the report.
import type { RecipientEntry, JournalRecord, MessageOptions } from '../entry.ts';
import { noOptions } from '../entry.ts';
import { buildReport, inspectContent, statusOf, type ReportAction, type ReportedRecipient } from '../message/index.ts';
import type { Clock, EngineLog, HookPost, Random, Spool } from '../ports.ts';
import { ReportRate } from './report-rate.ts';
import type { ReportWish } from './report-wish.ts';

/** Reports being made or waiting for the spool or a hook; past it an outcome is recorded without one. */
export const maxPendingReports = 1_000;
/** Waits between calls of a hook; after the last it is given up. */
const hookWaitsMs = [2_000, 10_000, 30_000];
const spoolWaitMs = 1_000;
/** How long a stop waits for reports. */
const stopWaitMs = 2_000;
const maxDetail = 500;
/** Of a report whose stream is gone. */
const defaultLifeSeconds = 3 * 86_400;

/** One recipient to report on, and the record that waits for the report. */
export type Reported = { record: JournalRecord; entry: RecipientEntry; about: ReportedRecipient };
/** `further`: only the beginning was read, which holds the header. */
type Original = { bytes: Uint8Array; facts: { headerBytes: number }; further?: object | null };

export type ReporterPorts = {
  clock: Clock;
  random: Random;
  spool: Spool;
  log: EngineLog;
  /** Null: this engine calls no hooks. */
  hook: HookPost | null;
  /** Our own name. */
  host: string;
  node: string;
  enqueue(entries: readonly RecipientEntry[]): void;
  streamLifeSeconds(streamId: string): number | null;
};

export class Reporter {
  readonly #ports: ReporterPorts;
  readonly #rate = new ReportRate();
  readonly #running = new Set<Promise<boolean>>();
  #stopping = false;

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
  }

  /**
   * Waits for reports that are being made. What waits for a hook or for room in the spool is left: not reported is not recorded either,
   * and happens again after a start.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#running.size === 0) return;
    await Promise.race([Promise.allSettled([...this.#running]), this.#wait(stopWaitMs)]);
  }

  /**
   * Reports on recipients of one message and notes it in their records. Resolves with true when the records may be written, with false
   * when the engine stops before the report is durable. Never rejects.
   */
  tell(
    wish: ReportWish,
    hookUrl: string | null,
    reported: readonly Reported[],
    original: () => Promise<Original | null>,
  ): Promise<boolean> {
    if (this.#running.size >= maxPendingReports) return Promise.resolve(this.#note(reported, 'not reported: too many reports at once'));
    const running = this.#tell(wish, hookUrl, reported, original).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  async #tell(
    wish: ReportWish,
    hookUrl: string | null,
    reported: readonly Reported[],
    original: () => Promise<Original | null>,
  ): Promise<boolean> {
    const first = reported[0]?.entry;
    if (!first) return true;
    try {
      if (wish.target === 'hook') return await this.#callHook(wish.action, hookUrl, reported);
      if (!this.#rate.take(first.tenantId, first.sender, this.#ports.clock.nowMs()))
        return this.#note(reported, 'not reported: too many reports to this sender');
      return await this.#inject(wish.action, first, reported, await original());
    } catch (error) {
      this.#ports.log.warn('a report could not be made', { messageId: first.messageId, error: String(error) });
      return this.#note(reported, 'not reported: internal error');
    }
  }

  #note(reported: readonly Reported[], text: string): true {
    for (const { record } of reported) {
      const { detail } = record.event;
      record.event.detail = (detail === null ? text : `${detail}; ${text}`).slice(0, maxDetail);
    }
    return true;
  }

  async #inject(action: ReportAction, entry: RecipientEntry, reported: readonly Reported[], original: Original | null): Promise<boolean> {
    const { clock, random, spool } = this.#ports;
    const id = random.uuid();
    const nowMs = clock.nowMs();
    const requireTls = entry.options?.requireTls === true;
    const bytes = buildReport({
      ...{ action, id, nowMs, host: this.#ports.host, to: entry.sender, acceptedAt: entry.acceptedAt },
      envid: entry.options?.envid ?? null,
      recipients: reported.map(({ about }) => about),
      original: original && { bytes: original.bytes, headerBytes: original.facts.headerBytes },
      // RFC 8689 section 5: nothing but the header of such a message goes back.
      ret: requireTls || original?.further ? 'HDRS' : (entry.options?.ret ?? null),
    });
    // A sender beyond ASCII needs SMTPUTF8 for its report too. RFC 6533 section 1
    const inspected = inspectContent(bytes, /[^\u0000-\u007f]/.test(entry.sender));
    if (!inspected.ok) throw new Error(`the report is no message: ${inspected.code}`);
    const options: MessageOptions = { ...noOptions, requireTls, reportOn: entry.entryId };
    const domain = entry.sender.slice(entry.sender.lastIndexOf('@') + 1).toLowerCase();
    const { tenantId, streamId, poolId, egress } = entry;
    const injection = {
      ...{ messageId: id, tenantId, streamId, campaign: null, poolId, egress, options, bytes, facts: inspected.facts },
      sender: '', // RFC 5321 section 4.5.5
      recipients: [{ address: entry.sender, domain, dsn: { notify: 'NEVER', orcpt: null } }], // RFC 3461 section 6.2
      acceptedAt: nowMs,
      expiresAt: nowMs + (this.#ports.streamLifeSeconds(streamId) ?? defaultLifeSeconds) * 1000,
    };
    for (;;) {
      try {
        const { entries } = await spool.accept(injection);
        this.#note(reported, `${action} report ${id} to the sender`);
        this.#ports.enqueue(entries);
        return true;
      } catch (error) {
        // Without room for the report there is no record of the outcome: both wait.
        this.#ports.log.warn('a report waits for the spool', { messageId: entry.messageId, error: String(error) });
        await this.#wait(spoolWaitMs);
        if (this.#stopping) return false;
      }
    }
  }

  async #callHook(action: ReportAction, url: string | null, reported: readonly Reported[]): Promise<boolean> {
    const { hook, clock, node } = this.#ports;
    const first = reported[0]?.entry;
    if (!first || !hook || url === null) return this.#note(reported, 'not reported: no hook is set');
    const { tenantId, streamId, campaign, messageId, sender, egress } = first;
    const body = JSON.stringify({
      ...{ kind: action, at: clock.nowMs(), node, egress, tenantId, streamId, campaign, messageId, sender },
      envid: first.options?.envid ?? null,
      recipients: reported.map(({ entry, about, record }) => ({
        ...{ entryId: entry.entryId, recipient: about.address, status: statusOf(action, about), attempts: entry.attempts },
        ...{ reply: about.reply, detail: about.detail, mxHost: about.mxHost, bounceClass: record.event.bounceClass },
      })),
    });
    let detail = '';
    for (const waitMs of [0, ...hookWaitsMs]) {
      if (waitMs > 0) await this.#wait(waitMs);
      if (this.#stopping) return false;
      const answer = await hook.post(url, body);
      if (answer.ok) return this.#note(reported, `${action} report to the hook`);
      detail = answer.detail;
    }
    this.#ports.log.warn('a report hook does not take reports', { url, detail });
    return this.#note(reported, `not reported: the hook failed: ${detail}`);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#ports.clock.setTimer(ms, resolve));
  }
}
