// The MTA-STS policies of recipient domains: looked up when a domain is first routed, kept in memory and on disk for as long as each policy
// says, and refreshed in the background. A policy that is held stays in force whatever becomes of the TXT record or the policy host:
// an attacker who can stop both gains nothing. RFC 8461 sections 3 and 5.
import type { RecordFile } from '../config/record-file.ts';
import type { Clock, EngineLog, PolicyFetch, Resolver } from '../ports.ts';
import { AnswerCache } from './answer-cache.ts';
import { policyId, readPolicy, type StsMode, type StsPolicy } from './mta-sts-policy.ts';
import { QuerySlots } from './query-slots.ts';

export const maxPolicies = 50_000;
const maxAbsent = 100_000;
const maxFetches = 16;
/** How often the record of a domain with a policy is looked at. RFC 8461 section 5.1 leaves it to us; its section 3.3 says daily at least. */
const lookAgainMs = 3_600_000;
const fetchAgainMs = 86_400_000;
/** RFC 8461 section 3.3: after a failure not at once again. */
const failedAgainMs = 300_000;
const absentMs = { shortest: 60_000, longest: 3_600_000 } as const;
const WELL_KNOWN = '/.well-known/mta-sts.txt';

export type HeldPolicy = StsPolicy & {
  readonly domain: string;
  readonly id: string;
  readonly fetchedAt: number;
};

/** Why a policy that is announced cannot be had, as RFC 8460 section 4.3 names it. */
export type PolicyTrouble = 'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid';
type TroubleListener = (domain: string, trouble: PolicyTrouble, detail: string) => void;

/** What the router asks. */
export interface PolicySource {
  /** The policy in force; null when there is none; undefined when that has to be found out. */
  known(domain: string, nowMs: number): StsPolicy | null | undefined;
  /** As `known`, after finding out. Never rejects. */
  find(domain: string): Promise<StsPolicy | null>;
  /** From now on this one hears of policies that cannot be had. */
  onTrouble?(listener: TroubleListener): void;
}

export type MtaStsPorts = { resolver: Pick<Resolver, 'txt'>; fetch: PolicyFetch; clock: Clock; log: EngineLog; file: RecordFile };

export class MtaSts implements PolicySource {
  readonly #ports: MtaStsPorts;
  readonly #held = new Map<string, HeldPolicy>();
  readonly #absent = new AnswerCache<true>(maxAbsent);
  /** When a domain with a policy is looked at again. */
  readonly #lookAtMs = new Map<string, number>();
  readonly #running = new Map<string, Promise<StsPolicy | null>>();
  readonly #slots = new QuerySlots(maxFetches);
  #lines = 0;
  #tell: TroubleListener = () => undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(ports: MtaStsPorts) {
    this.#ports = ports;
  }

  /** Takes what earlier runs kept. */
  async load(): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    const lines = await this.#ports.file.read();
    for (const line of lines) {
      const held = heldPolicy(line);
      if (held) this.#hold(held);
    }
    for (const held of this.#held.values()) if (endsAt(held) <= nowMs) this.#held.delete(held.domain);
    this.#lines = lines.length;
  }

  known(domain: string, nowMs: number): StsPolicy | null | undefined {
    const held = this.#held.get(domain);
    if (held && endsAt(held) > nowMs) {
      if ((this.#lookAtMs.get(domain) ?? 0) <= nowMs) void this.find(domain);
      return held;
    }
    return this.#absent.get(domain, nowMs) ? null : undefined;
  }

  find(domain: string): Promise<StsPolicy | null> {
    const running = this.#running.get(domain);
    if (running) return running;
    this.#lookAtMs.set(domain, this.#ports.clock.nowMs() + lookAgainMs);
    const question = this.#slots
      .run(() => this.#lookUp(domain))
      .catch((error: unknown) => this.#without(domain, `internal error: ${String(error)}`, failedAgainMs))
      .finally(() => this.#running.delete(domain));
    this.#running.set(domain, question);
    return question;
  }

  onTrouble(listener: TroubleListener): void {
    this.#tell = listener;
  }

  /** Resolves when what is held is on disk. */
  flush(): Promise<void> {
    return this.#writing;
  }

  async #lookUp(domain: string): Promise<StsPolicy | null> {
    const { clock, resolver, fetch } = this.#ports;
    const answer = await resolver.txt(`_mta-sts.${domain}`);
    const held = this.#inForce(domain);
    if (!answer.ok && answer.kind === 'failed') return this.#without(domain, null, failedAgainMs);
    const id = answer.ok ? policyId(answer.records) : null;
    // No record: no new policy, and the one that is held stays. RFC 8461 section 3.1
    if (id === null) {
      const ttlMs = Math.min(Math.max(answer.ttlSeconds * 1000, absentMs.shortest), absentMs.longest);
      return this.#without(domain, null, ttlMs);
    }
    if (held?.id === id && clock.nowMs() - held.fetchedAt < Math.min(fetchAgainMs, held.maxAgeSeconds * 500)) return held;
    const fetched = await fetch.get({ host: `mta-sts.${domain}`, path: WELL_KNOWN });
    if (!fetched.ok) {
      this.#tell(domain, fetched.kind === 'certificate' ? 'sts-webpki-invalid' : 'sts-policy-fetch-error', fetched.detail);
      return this.#without(domain, `the policy cannot be fetched: ${fetched.detail}`, failedAgainMs);
    }
    const reading = readPolicy(fetched.body);
    if (!reading.ok) {
      this.#tell(domain, 'sts-policy-invalid', reading.detail);
      return this.#without(domain, `the policy cannot be read: ${reading.detail}`, failedAgainMs);
    }
    const policy: HeldPolicy = { ...reading.policy, domain, id, fetchedAt: clock.nowMs() };
    this.#absent.set(domain, true, 0);
    this.#hold(policy);
    this.#keep(policy);
    return policy;
  }

  #inForce(domain: string): HeldPolicy | null {
    const held = this.#held.get(domain);
    return held && endsAt(held) > this.#ports.clock.nowMs() ? held : null;
  }

  /** No new policy: what is held goes on, else there is none for a while. */
  #without(domain: string, why: string | null, forMs: number): StsPolicy | null {
    const nowMs = this.#ports.clock.nowMs();
    const held = this.#inForce(domain);
    if (why !== null) this.#ports.log.warn('MTA-STS', { domain, why, held: held?.mode ?? null });
    if (!held) {
      this.#lookAtMs.delete(domain);
      this.#absent.set(domain, true, nowMs + forMs);
      return null;
    }
    if (why !== null) this.#lookAtMs.set(domain, nowMs + failedAgainMs);
    return held;
  }

  #hold(policy: HeldPolicy): void {
    this.#held.delete(policy.domain);
    this.#held.set(policy.domain, policy);
    const [oldest] = this.#held.keys();
    if (this.#held.size <= maxPolicies || oldest === undefined) return;
    this.#held.delete(oldest);
    this.#lookAtMs.delete(oldest);
  }

  #keep(policy: HeldPolicy): void {
    const { file, log } = this.#ports;
    const write = async (): Promise<void> => {
      this.#lines += 1;
      if (this.#lines <= this.#held.size * 2 + 100) return file.append([JSON.stringify(policy)]);
      this.#lines = this.#held.size;
      return file.replace(linesOf([...this.#held.values()]));
    };
    this.#writing = this.#writing
      .then(write)
      .catch((error: unknown) => log.warn('MTA-STS policies cannot be kept', { error: String(error) }));
  }
}

const endsAt = (held: HeldPolicy): number => held.fetchedAt + held.maxAgeSeconds * 1000;
const modes: readonly string[] = ['enforce', 'testing', 'none'] satisfies StsMode[];

/** Made as they are written: of very many policies not all at once. */
function* linesOf(policies: readonly HeldPolicy[]): Generator<string> {
  for (const policy of policies) yield JSON.stringify(policy);
}

/** A line of our own file; null when it is damaged, which only means that the policy is fetched again. */
function heldPolicy(line: string): HeldPolicy | null {
  try {
    const value = JSON.parse(line) as Partial<HeldPolicy>;
    const { domain, id, mode, mx, maxAgeSeconds, fetchedAt } = value;
    if (typeof domain !== 'string' || typeof id !== 'string' || typeof maxAgeSeconds !== 'number' || typeof fetchedAt !== 'number')
      return null;
    if (mode === undefined || !modes.includes(mode) || !Array.isArray(mx)) return null;
    return { domain, id, mode, mx: mx.map(String), maxAgeSeconds, fetchedAt };
  } catch {
    return null;
  }
}
