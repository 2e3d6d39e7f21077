// Reports on TLS: counts what connections come to, keeps the counts on disk, and tells each domain that asks for it, once its day is over.
// Reports leave like other mail, through the stream whose settings give an address to send them from; without one they are only counted.
// A crash costs what was counted since the last save, a minute at most. That a report is about to be sent is on disk before it is: what a
// crash interrupts is not sent a second time. RFC 8460
import { gzipSync } from 'node:zlib';
import type { Answer, TlsResultType } from '@sluice/contract';
import type { RecordFile } from '../config/record-file.ts';
import type { Generation } from '../config/generation.ts';
import { noOptions, type EgressMode, type RecipientEntry } from '../entry.ts';
import { FirstFew } from '../first-few.ts';
import { inspectContent } from '../message/index.ts';
import type { Clock, EngineLog, HookPost, Random, Resolver, Spool, TlsSeen } from '../ports.ts';
import type { ReadyPath } from '../queue/ready-path.ts';
import type { Sliced, Slices } from '../queue/slices.ts';
import type { PolicySource } from '../route/mta-sts.ts';
import { reportAddresses, type ReportAddress } from './report-address.ts';
import { reportJson, reportMessage, type ReportInput } from './report-document.ts';
import { policyDomainOf, policyOf, resultOf, stsPolicyOf } from './session-result.ts';
import { dayMs, dayOf, startOf, Tally, type Day, type PolicyCounts, type ReportState, type SeenPolicy } from './tally.ts';

const saveEveryMs = 60_000;
/** What fell due while the node was away is sent soon after its start. */
const firstRoundMs = 5_000;
/** Reports of a day leave spread over so long after its end. RFC 8460 section 4.1 */
const spreadMs = 4 * 3_600_000;
const tryAgainMs = 3_600_000;
/** What could not be sent this long after the end of its day is given up. RFC 8460 section 3 */
const giveUpMs = dayMs;
/** Reports made between two saves. */
const reportsARound = 50;
const lifeMs = dayMs;
/** Rows of an answer. */
const maxPoliciesTold = 200;
const maxReportsTold = 100;
const maxFailuresTold = 10;
const maxDetail = 200;
/** Policies or domains looked at in one step. */
const atOnce = 32;

export type TlsReportPorts = {
  clock: Clock;
  random: Random;
  log: EngineLog;
  file: RecordFile;
  spool: Spool;
  resolver: Pick<Resolver, 'txt'>;
  hook: HookPost | null;
  policies: PolicySource | null;
  slices: Pick<Slices, 'run'>;
  generation: () => Generation;
  enqueue(entries: readonly RecipientEntry[]): void;
  node: string;
  egress: EgressMode;
};
type ToldReport = Omit<ReportState, 'done'> & { day: string };
type ToldPolicy = { day: string; counts: PolicyCounts };
type Sender = { from: string; tenantId: string; streamId: string };

export class TlsReports {
  readonly #ports: TlsReportPorts;
  readonly #tally = new Tally();
  #cancel: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(ports: TlsReportPorts) {
    this.#ports = ports;
    ports.policies?.onTrouble?.((domain, trouble, detail) => this.#policyTrouble(domain, trouble, detail));
  }

  /** Takes what was counted before and begins to save and to report. */
  async start(): Promise<void> {
    this.#tally.take(await this.#ports.file.read());
    this.#arm(firstRoundMs);
  }

  /** Resolves when all that was counted is on disk. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#round;
    await this.#save();
  }

  /** How TLS fared with each host that a connect of the path spoke to. */
  saw(path: ReadyPath, seen: readonly TlsSeen[]): void {
    const domain = seen.length === 0 ? null : policyDomainOf(path);
    if (domain === null) return;
    const nowMs = this.#ports.clock.nowMs();
    const sts = this.#ports.policies?.known(domain, nowMs) ?? null;
    for (const one of seen) {
      const policy = policyOf(path, domain, one.host.tlsa ?? [], sts);
      const result = resultOf(policy.type, one);
      if (result === null) this.#tally.succeeded(policy, nowMs);
      else {
        const { name: mxHost, address: receivingIp } = one.host;
        const reason = one.detail === '' ? null : one.detail;
        this.#tally.failed(policy, { result, mxHost, receivingIp, sendingIp: this.#publicAddress(path), reason }, nowMs);
      }
    }
  }

  /** Hosts of the path were left out: whether they have TLSA records could not be found out. */
  unproven(path: ReadyPath, detail: string): void {
    const domain = policyDomainOf(path);
    if (domain === null) return;
    const policy: SeenPolicy = { domain, type: 'tlsa', describe: () => ({ strings: [], mxHosts: [] }) };
    this.#tally.failed(policy, { ...nowhere, result: 'dnssec-invalid', reason: detail }, this.#ports.clock.nowMs());
  }

  /** The domain's policy names none of its MX hosts, which RFC 8460 section 4.3 has no word of its own for. */
  noHostNamed(domain: string, detail: string): void {
    const nowMs = this.#ports.clock.nowMs();
    const sts = this.#ports.policies?.known(domain, nowMs) ?? null;
    this.#tally.failed(stsPolicyOf(domain, sts), { ...nowhere, result: 'validation-failure', reason: detail }, nowMs);
  }

  /** What operators are shown: the days that are kept, what fails most first, and what became of the reports. */
  *answer(): Sliced<Extract<Answer, { kind: 'tls_reports' }>> {
    const policies = new FirstFew<ToldPolicy>(maxPoliciesTold, byFailures);
    const reports = new FirstFew<ToldReport>(maxReportsTold, (a, b) => b.at - a.at);
    let [total, beyond] = [0, 0];
    for (const day of this.#tally.days()) {
      beyond += day.beyond;
      for (const counts of day.policies.values()) {
        policies.offer({ day: day.day, counts });
        if (++total % atOnce === 0) yield;
      }
      let looked = 0;
      for (const { done: _, begun: _begun, ...report } of day.reports.values()) {
        reports.offer({ day: day.day, ...report });
        if (++looked % atOnce === 0) yield;
      }
    }
    const told = policies.items().map(({ day, counts }) => ({ day, ...counts, failures: counts.failures.slice(0, maxFailuresTold) }));
    return { kind: 'tls_reports', from: this.#sender()?.from ?? null, total, policies: told, beyond, reports: [...reports.items()] };
  }

  #arm(inMs = saveEveryMs): void {
    if (this.#stopped) return;
    this.#cancel = this.#ports.clock.setTimer(inMs, () => {
      this.#round = this.#due()
        .catch((error: unknown) => this.#ports.log.warn('TLS reports could not be sent', { error: String(error) }))
        .then(() => this.#save())
        .finally(() => this.#arm());
    });
  }

  async #save(): Promise<void> {
    if (!this.#tally.dirty) return;
    try {
      await this.#ports.file.replace(this.#tally.lines());
    } catch (error) {
      this.#tally.dirty = true;
      this.#ports.log.warn('TLS report counts cannot be kept', { error: String(error) });
    }
  }

  /** Sends what is due, a bounded number of reports. */
  async #due(): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    this.#tally.expire(nowMs);
    const sender = this.#sender();
    if (!sender) return;
    for (const { day, domain } of await this.#ports.slices.run(this.#whatIsDue(nowMs))) {
      if (this.#stopped) return;
      await this.#keep(day, await this.#report(day, domain, sender));
    }
  }

  *#whatIsDue(nowMs: number): Sliced<{ day: Day; domain: string }[]> {
    const due: { day: Day; domain: string }[] = [];
    for (const day of this.#tally.days()) {
      if (day.day >= dayOf(nowMs)) continue;
      const looked = new Set<string>();
      for (const { domain } of day.policies.values()) {
        if (looked.has(domain)) continue;
        if (looked.add(domain).size % atOnce === 0) yield;
        if (isDue(day, domain, nowMs)) due.push({ day, domain });
        if (due.length === reportsARound) return due;
      }
    }
    return due;
  }

  async #report(day: Day, domain: string, sender: Sender): Promise<ReportState> {
    const { clock, resolver } = this.#ports;
    const answer = await resolver.txt(`_smtp._tls.${domain}`);
    const at = clock.nowMs();
    const before = day.reports.get(domain) ?? { domain, state: 'waiting', at, to: [], done: [], detail: null };
    const late = at - startOf(day.day) - dayMs > giveUpMs;
    if (!answer.ok && answer.kind === 'failed')
      return { ...before, at, state: late ? 'failed' : 'waiting', detail: `DNS: ${answer.detail}`.slice(0, maxDetail) };
    const addresses = answer.ok ? reportAddresses(answer.records) : null;
    if (!addresses) return { ...before, at, state: 'not_wanted', detail: null };
    const policies = [...day.policies.values()].filter((counts) => counts.domain === domain);
    const input: ReportInput = { from: sender.from, node: this.#ports.node, day: day.day, domain, policies };
    // Some ten kilobytes at the most: less than a thread's answer would take.
    const gzipped = gzipSync(reportJson(input));
    const to = addresses.map(({ uri }) => uri);
    const open = addresses.filter(({ uri }) => !before.done.includes(uri));
    const unsure = open.filter(({ uri }) => before.begun?.includes(uri)).map(({ uri }) => uri);
    const begin: ReportState = { ...before, at, to, begun: open.map(({ uri }) => uri) };
    if (!(await this.#keep(day, begin))) return { ...before, at, detail: 'not sent while it cannot be kept that it was' };
    const done = [...before.done];
    let failed: string | null = null;
    for (const address of open) {
      if (unsure.includes(address.uri)) continue;
      const why = await this.#send(input, gzipped, address, sender);
      if (why === null) done.push(address.uri);
      else failed = `${address.uri}: ${why}`.slice(0, maxDetail);
    }
    const report = { domain, at, to, done, begun: unsure };
    if (failed !== null) return { ...report, detail: failed, state: late ? 'failed' : 'waiting' };
    if (unsure.length === 0) return { ...report, detail: null, state: 'sent' };
    const detail = `${unsure.join(', ')}: the node ended while it was sent there, and it is not sent twice`;
    return { ...report, detail: detail.slice(0, maxDetail), state: 'failed' };
  }

  /** False when it is not on disk. */
  async #keep(day: Day, report: ReportState): Promise<boolean> {
    const line = this.#tally.note(day, report);
    try {
      await this.#ports.file.append([line]);
      return true;
    } catch (error) {
      this.#ports.log.warn('what became of a TLS report cannot be kept', { error: String(error) });
      return false;
    }
  }

  /** Null when it is on its way, for good as far as we are concerned. */
  async #send(input: ReportInput, gzipped: Uint8Array, address: ReportAddress, sender: Sender): Promise<string | null> {
    const { hook, clock, random, spool, egress } = this.#ports;
    if (address.kind === 'https') {
      const answer = hook
        ? await hook.post(address.uri, gzipped, 'application/tlsrpt+gzip')
        : { ok: false as const, detail: 'no way to post' };
      return answer.ok ? null : answer.detail;
    }
    const messageId = random.uuid();
    const acceptedAt = clock.nowMs();
    const bytes = reportMessage(input, gzipped, address.mailbox, messageId, acceptedAt);
    const inspected = inspectContent(bytes, false);
    if (!inspected.ok) return `the report is no message: ${inspected.code}`;
    const { tenantId, streamId, from } = sender;
    const domain = address.mailbox.slice(address.mailbox.lastIndexOf('@') + 1).toLowerCase();
    try {
      const { entries } = await spool.accept({
        ...{ messageId, tenantId, streamId, campaign: null, poolId: null, egress, bytes, acceptedAt, sender: from },
        facts: inspected.facts,
        // RFC 8460 section 3: a report on failing TLS must not wait for TLS.
        options: { ...noOptions, tlsOptional: true },
        recipients: [{ address: address.mailbox, domain, dsn: { notify: 'NEVER', orcpt: null } }],
        expiresAt: acceptedAt + lifeMs,
      });
      this.#ports.enqueue(entries);
      return null;
    } catch (error) {
      return `the spool does not take it: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** The first stream that is told to carry them. */
  #sender(): Sender | null {
    const generation = this.#ports.generation();
    for (const { id: streamId, tenantId } of generation.streams()) {
      const from = generation.settings.resolve({ tenant: tenantId, stream: streamId }).values.tlsReportsFrom;
      if (from !== null) return { from, tenantId, streamId };
    }
    return null;
  }

  #policyTrouble(domain: string, result: TlsResultType, reason: string): void {
    this.#tally.failed(stsPolicyOf(domain, null), { ...nowhere, result, reason }, this.#ports.clock.nowMs());
  }

  #publicAddress({ egress }: ReadyPath): string | null {
    return this.#ports.generation().source(egress.source.id)?.publicAddress ?? null;
  }
}

/** The newest day first, in it what fails most. */
const byFailures = (a: ToldPolicy, b: ToldPolicy): number =>
  a.day === b.day ? b.counts.failed - a.counts.failed || b.counts.succeeded - a.counts.succeeded : a.day < b.day ? 1 : -1;

const nowhere = { mxHost: null, receivingIp: null, sendingIp: null };

/** Each domain has a time of its own after midnight, the same every day. */
function isDue(day: Day, domain: string, nowMs: number): boolean {
  const endMs = startOf(day.day) + dayMs;
  const before = day.reports.get(domain);
  if (before) return before.state === 'waiting' && nowMs >= before.at + tryAgainMs;
  let share = 0;
  for (let at = 0; at < domain.length; at += 1) share = (share * 31 + domain.charCodeAt(at)) % 9973;
  return nowMs >= endMs + (share / 9973) * spreadMs;
}
