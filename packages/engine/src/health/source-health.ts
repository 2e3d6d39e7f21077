// Whether sources can send at all. Connects tell: one whose address is not on the machine, whose proxy is dead, or through which nothing is
// reached is taken out of its pools; pool mates have its mail, or it waits. From then on it is probed, without mail and ever more seldom,
// and comes back by itself. Sources that are out stay so over a restart. Judged by policy/source-health; an operator may send through a
// source that is out all the same, or have it probed at once.
import { ConnectStreak, probeDelayMs, relapseMs, type ConnectFault, type Judgement } from '@sluice/policy';
import type { SourceBody } from '@sluice/contract';
import type { Commands } from '../commands/commands.ts';
import type { RecordFile } from '../config/record-file.ts';
import type { Generation, WithId } from '../config/generation.ts';
import type { Decisions } from '../decisions/decisions.ts';
import type { EgressPath, RouteHost } from '../egress-path.ts';
import type { Clock, EngineLog, PathFailure, ProbeResult, Random, SourceProber } from '../ports.ts';
import { task, type Agenda } from '../queue/agenda.ts';
import { hostsKept, identityOf, OutSources, type Out } from './out-sources.ts';
import { isBackSentence, isOutSentence, whyOut } from './sentences.ts';

/** The addresses of the machine are compared with those of the sources this often. */
export const lookEveryMs = 60_000;
/** There may be very many: so long they are looked at before others have their turn. */
const lookSliceMs = 5;
const probesAtOnce = 16;
/** Providers and sites of which it is remembered that they were reached. */
const maxGroups = 10_000;
const groupMemoryMs = 24 * 3_600_000;
/** More than so many in a minute have one cause: the rest is told without an alert. */
const alertsAMinute = 10;
const minuteMs = 60_000;

export type HealthPorts = {
  node: string;
  clock: Clock;
  random: Random;
  log: EngineLog;
  agenda: Agenda;
  decisions: Pick<Decisions, 'tell'>;
  commands: Pick<Commands, 'usedAnywayUntil'>;
  generation: () => Generation;
  /** Null: nothing can be tried out, so nothing is taken out. */
  prober: SourceProber | null;
  /** Null: a restart forgets what is out. */
  file: RecordFile | null;
};

export type HealthEffects = {
  /** New mail must not leave through the source; what stands ready goes back. */
  out(sourceId: string): void;
  back(sourceId: string): void;
};

type Source = WithId<SourceBody>;

export class SourceHealth {
  readonly #ports: HealthPorts;
  readonly #out: OutSources;
  readonly #streaks = new Map<string, { streak: ConnectStreak; hosts: RouteHost[] }>();
  readonly #reached = new Map<string, number>();
  readonly #returned = new Map<string, { atMs: number; probes: number }>();
  readonly #probing = new Set<string>();
  readonly #probeTask = task(() => this.#probeDue());
  readonly #lookTask = task(() => void this.#look());
  #alerts = { fromMs: 0, count: 0 };
  #effects: HealthEffects = { out: () => undefined, back: () => undefined };

  constructor(ports: HealthPorts) {
    this.#ports = ports;
    this.#out = new OutSources(ports.file, ports.log);
  }

  connect(effects: HealthEffects): void {
    this.#effects = effects;
  }

  async start(): Promise<void> {
    if (!this.#ports.prober) return;
    const nowMs = this.#ports.clock.nowMs();
    await this.#out.load();
    // A restart often follows a repair: all are tried soon, and none before mail could be taken.
    for (const out of this.#out.all()) out.nextProbeMs = nowMs + probeDelayMs(0, this.#ports.random.fraction());
    this.#arrange();
    this.#ports.agenda.schedule(this.#lookTask, nowMs + lookEveryMs);
  }

  async stop(): Promise<void> {
    await this.#out.flush();
  }

  /** Whether the source is out and no operator said to use it anyway. */
  unfit(sourceId: string, nowMs: number): boolean {
    return this.#out.size > 0 && this.#out.get(sourceId) !== undefined && this.#ports.commands.usedAnywayUntil(sourceId, nowMs) === null;
  }

  outOf(sourceId: string): Out | undefined {
    return this.#out.get(sourceId);
  }

  /** Why it is out, in words; null when it is not, or used anyway. */
  why(sourceId: string, nowMs: number): string | null {
    const out = this.unfit(sourceId, nowMs) ? this.#out.get(sourceId) : undefined;
    return out ? whyOut(out) : null;
  }

  /** Something was reached over the path. */
  reached({ source, provider, site }: EgressPath, nowMs: number): void {
    if (!this.#ports.prober) return;
    const group = groupOf(provider, site);
    this.#reached.delete(group);
    this.#reached.set(group, nowMs);
    if (this.#reached.size > maxGroups) for (const [oldest] of this.#reached) return void this.#reached.delete(oldest);
    this.#streaks.get(source.id)?.streak.reached();
    this.#streaks.delete(source.id);
  }

  /** A connect over the path failed. */
  failed(path: EgressPath, failure: PathFailure, nowMs: number): void {
    const { fault } = failure;
    if (failure.reached || failure.reply !== null) return this.reached(path, nowMs);
    if (!this.#ports.prober || !fault || this.#out.get(path.source.id)) return;
    const judgement = this.#judge(path, fault, failure.detail ?? 'the connect failed', nowMs);
    const source = judgement && this.#ports.generation().source(path.source.id);
    if (judgement && source) this.#takeOut(source, judgement, this.#streaks.get(source.id)?.hosts ?? [], nowMs);
  }

  /** One source, or all that are out, are probed now; returns how many. */
  probeNow(sourceId: string | null): number {
    let count = 0;
    for (const out of this.#out.all()) {
      if (sourceId !== null && out.sourceId !== sourceId) continue;
      out.nextProbeMs = this.#ports.clock.nowMs();
      count++;
    }
    this.#probeDue();
    return count;
  }

  /** Commands began or ended: what may not be used any more is taken back. */
  commandsChanged(nowMs: number): void {
    for (const { sourceId } of this.#out.all()) if (this.unfit(sourceId, nowMs)) this.#effects.out(sourceId);
  }

  configurationChanged(): void {
    for (const out of this.#out.all()) {
      const source = this.#ports.generation().source(out.sourceId);
      if (source && identityOf(source) === out.identity) continue;
      if (source) this.#takeBack(out, source, 'its address or its proxy was changed');
      else this.#out.remove(out.sourceId);
    }
    for (const sourceId of this.#streaks.keys()) if (!this.#ports.generation().source(sourceId)) this.#streaks.delete(sourceId);
  }

  #judge(
    { source, provider, site }: EgressPath,
    fault: NonNullable<PathFailure['fault']>,
    detail: string,
    nowMs: number,
  ): Judgement | null {
    const known = this.#streaks.get(source.id);
    const streak = known ?? { streak: new ConnectStreak(), hosts: [] };
    if (!known) this.#streaks.set(source.id, streak);
    if (fault.host && !streak.hosts.some(({ address }) => address === fault.host?.address)) {
      const { name, address, port, reach } = fault.host;
      streak.hosts = [...streak.hosts.slice(1 - hostsKept), { name, address, port, ...(reach && { reach }) }];
    }
    const group = groupOf(provider, site);
    const isKnown = provider !== null || nowMs - (this.#reached.get(group) ?? -Infinity) < groupMemoryMs;
    return streak.streak.failed(fault.kind, { group, known: isKnown, detail: this.#told(fault.kind, source.bindAddress, detail) }, nowMs);
  }

  #told(fault: ConnectFault, address: string, detail: string): string {
    if (fault !== 'address') return detail;
    return this.#ports.prober?.addresses().has(address) ? `${detail}, though an interface has it` : `${detail}; no interface has it`;
  }

  #takeOut(source: Source, { reason, detail }: Judgement, hosts: readonly RouteHost[], nowMs: number): void {
    const { random } = this.#ports;
    const before = this.#returned.get(source.id);
    const probes = before && nowMs - before.atMs < relapseMs ? before.probes : 0;
    const out: Out = {
      ...{ sourceId: source.id, identity: identityOf(source), reason, detail: detail.slice(0, 500), sinceMs: nowMs, probes, hosts },
      ...{ nextProbeMs: nowMs + probeDelayMs(probes, random.fraction()), lastProbe: null },
    };
    this.#streaks.delete(source.id);
    this.#out.put(out);
    const sentence = isOutSentence(source, out);
    this.#ports.decisions.tell({
      ...{ kind: 'source_health', action: 'take_out', subject: { source: source.id }, sentence },
      alert: this.#mayAlert(nowMs),
    });
    this.#effects.out(source.id);
    this.#arrange();
  }

  #mayAlert(nowMs: number): boolean {
    if (nowMs - this.#alerts.fromMs >= minuteMs) this.#alerts = { fromMs: nowMs, count: 0 };
    return ++this.#alerts.count <= alertsAMinute;
  }

  #takeBack(out: Out, source: Source, why: string): void {
    const nowMs = this.#ports.clock.nowMs();
    this.#out.remove(out.sourceId);
    for (const [id, { atMs }] of this.#returned) if (nowMs - atMs >= relapseMs) this.#returned.delete(id);
    this.#returned.set(out.sourceId, { atMs: nowMs, probes: out.probes + 1 });
    const sentence = isBackSentence(source, out, why, nowMs);
    const subject = { source: source.id };
    this.#ports.decisions.tell({ kind: 'source_health', action: 'take_back', subject, sentence, alert: false });
    this.#effects.back(out.sourceId);
  }

  #arrange(): void {
    for (const { sourceId, nextProbeMs } of this.#out.all())
      if (!this.#probing.has(sourceId)) this.#ports.agenda.schedule(this.#probeTask, nextProbeMs);
  }

  #probeDue(): void {
    const nowMs = this.#ports.clock.nowMs();
    for (const out of this.#out.all()) {
      if (this.#probing.size >= probesAtOnce) return;
      if (out.nextProbeMs <= nowMs && !this.#probing.has(out.sourceId)) void this.#probe(out);
    }
    this.#arrange();
  }

  /** Never rejects. */
  async #probe(out: Out): Promise<void> {
    const { prober, clock, random, log } = this.#ports;
    const source = this.#ports.generation().source(out.sourceId);
    this.#probing.add(out.sourceId);
    let result: ProbeResult = { ok: false, detail: 'it is not configured' };
    try {
      if (prober && source) result = await probeOf(prober, source, out);
    } catch (error) {
      log.warn('a probe ended in an unexpected error', { sourceId: out.sourceId, error: String(error) });
      result = { ok: false, detail: 'the probe itself failed' };
    }
    this.#probing.delete(out.sourceId);
    if (this.#out.get(out.sourceId) === out) {
      out.lastProbe = result.detail.slice(0, 300);
      if (result.ok && source) this.#takeBack(out, source, result.detail);
      else {
        out.probes++;
        out.nextProbeMs = clock.nowMs() + probeDelayMs(out.probes, random.fraction());
      }
    }
    this.#probeDue();
  }

  /** An address that went from the machine, or came back, is noticed without mail. */
  async #look(): Promise<void> {
    const { prober, agenda, clock, generation, node } = this.#ports;
    if (!prober) return;
    const here = prober.addresses();
    let sinceMs = clock.monotonicMs();
    for (const source of generation().sources()) {
      if (clock.monotonicMs() - sinceMs >= lookSliceMs) {
        await new Promise<void>((resolve) => void clock.setTimer(1, resolve));
        sinceMs = clock.monotonicMs();
      }
      const { id, enabled, node: owner, bindAddress, proxy } = source;
      const out = this.#out.get(id);
      if (out?.reason === 'address_missing' && here.has(bindAddress)) this.probeNow(id);
      if (out || !enabled || proxy || (owner !== null && owner !== node) || here.has(bindAddress)) continue;
      // Foreign addresses that the system lets us bind are in no list.
      const bound = await prober.bind(bindAddress);
      const current = generation().source(id);
      if (bound.ok || !bound.detail.includes('EADDRNOTAVAIL') || !current || identityOf(current) !== identityOf(source)) continue;
      const detail = this.#told('address', bindAddress, bound.detail);
      if (!this.#out.get(id)) this.#takeOut(current, { reason: 'address_missing', detail }, [], clock.nowMs());
    }
    agenda.schedule(this.#lookTask, clock.nowMs() + lookEveryMs);
  }
}

const groupOf = (provider: string | null, site: string): string => provider ?? site;

function probeOf(prober: SourceProber, { id, bindAddress, ehloName, family, proxy }: Source, out: Out): Promise<ProbeResult> {
  const source = { id, bindAddress, ehloName, family, proxy };
  switch (out.reason) {
    case 'address_missing':
      return prober.bind(bindAddress);
    case 'proxy_dead':
      return prober.proxy(source);
    case 'connects_fail': {
      // In turn: one host that is down for good must not keep the source out.
      const host = out.hosts[out.probes % Math.max(1, out.hosts.length)];
      return host ? prober.reach(source, host) : Promise.resolve({ ok: true, detail: 'there is no host to try it with' });
    }
  }
}
