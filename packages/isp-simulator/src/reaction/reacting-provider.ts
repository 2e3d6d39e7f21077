// One mailbox provider that reacts to how its senders send. Events come in with their time (connect, MAIL, RCPT, message, or a whole
// attempt at once), verdicts go out: take it, put it off, refuse it, each with the provider's own words. No sockets, no clock: the sandbox
// asks it behind SMTP, simulations ask it without. The same seed and the same events give the same verdicts.
import type { ReactionReplies, SampleReplies, SampleReply } from '@sluice/providers';
import { SeededRandom } from '../clock.ts';
import { Account } from './account.ts';
import { FirstTries } from './first-tries.ts';
import type { Dynamics, ReactionParameters } from './parameters.ts';

export type Identity = 'source' | 'dkimDomain' | 'envelopeDomain';
export type RefusalCause = 'rate' | 'penalty' | 'blocked' | 'connections' | 'greylisted' | 'trouble' | 'busy';
export type Verdict =
  | { kind: 'pass' }
  /** `reply` still has its places ({source} and so on). */
  | { kind: 'put_off' | 'refused'; cause: RefusalCause; identity: Identity | null; reply: SampleReply };

/** Whose mail it is. What is not known is null and costs nobody anything. */
export type Sender = { source: string; envelopeDomain: string | null };
export type Attempt = Sender & {
  dkimDomain: string | null;
  /** Mailbox and sender, for greylisting. */
  sender: string;
  recipient: string;
  /** There is no such mailbox: the caller answers that, here it only counts. */
  unknown?: boolean;
  complains?: boolean;
};

/** What the provider thinks of an identity now. */
export type AccountView = {
  identity: Identity;
  value: string;
  reputation: number;
  warmPerHour: number;
  allowedPerHour: number;
  strainMinutes: number;
  standing: 'open' | 'penalty' | 'blocked';
  /** When a penalty or a block ends, in the caller's time. */
  untilMs: number | null;
  openConnections: number;
  passed: number;
  putOff: number;
  refused: number;
};

type Kept = {
  identity: Identity;
  value: string;
  account: Account;
  openConnections: number;
  passed: number;
  putOff: number;
  refused: number;
};

const pass: Verdict = { kind: 'pass' };
const hourMs = 3_600_000;
/** Past this many identities the one that was quiet longest of a few is forgotten. */
const maxAccounts = 20_000;
const looksForOldest = 16;

export class ReactingProvider {
  readonly parameters: ReactionParameters;
  readonly #replies: SampleReplies;
  readonly #reactions: ReactionReplies;
  readonly #random: SeededRandom;
  readonly #accounts: Record<Identity, Map<string, Kept>> = { source: new Map(), dkimDomain: new Map(), envelopeDomain: new Map() };
  readonly #firstTries: FirstTries;
  #busyFromMs = Infinity;
  #busyUntilMs = -Infinity;

  constructor(parameters: ReactionParameters, words: { replies: SampleReplies; reactions: ReactionReplies }, seed: string) {
    this.parameters = parameters;
    this.#replies = words.replies;
    this.#reactions = words.reactions;
    this.#random = new SeededRandom(seed);
    this.#firstTries = new FirstTries(parameters.greylisting);
  }

  /** Call `disconnect` for each connect, taken or not. */
  connect(source: string, nowMs: number): Verdict {
    const kept = this.#kept('source', source, this.parameters.source, nowMs);
    kept.openConnections += 1;
    const { connections } = this.parameters;
    if (!connections) return pass;
    const allowed = connections.least + (connections.most - connections.least) * kept.account.reputation;
    if (kept.openConnections <= Math.max(1, Math.round(allowed))) return pass;
    return { kind: 'put_off', cause: 'connections', identity: 'source', reply: this.#replies.connectionLimited };
  }

  disconnect(source: string, nowMs: number): void {
    const kept = this.#kept('source', source, this.parameters.source, nowMs);
    kept.openConnections = Math.max(0, kept.openConnections - 1);
  }

  /** Mail of the source was put off for its rate by somebody else in the provider's name: it strains like the provider's own. */
  tooFast(source: string, nowMs: number): void {
    this.#kept('source', source, this.parameters.source, nowMs).account.putOff(nowMs, this.#swing(nowMs));
  }

  /** The verdict at MAIL FROM; `pass` where the provider says no only after the message. */
  mail(from: Sender, nowMs: number): Verdict {
    return this.parameters.answersAt === 'mail' ? this.#judge(this.#ofSender(from, nowMs), nowMs) : pass;
  }

  /** The verdict over one recipient: greylisting. What the list is like is counted; `unknown` is the caller's to answer. */
  recipient({ source, sender, recipient, unknown }: Omit<Attempt, 'dkimDomain'>, nowMs: number): Verdict {
    const kept = this.#kept('source', source, this.parameters.source, nowMs);
    kept.account.countRecipient(unknown ?? false);
    const { greylisting } = this.parameters;
    if (!greylisting || kept.account.reputation >= greylisting.skippedFromReputation) return pass;
    if (this.#firstTries.passes(`${source} ${sender} ${recipient}`, nowMs)) return pass;
    kept.putOff += 1;
    return { kind: 'put_off', cause: 'greylisted', identity: null, reply: this.#reactions.greylisted };
  }

  /** The verdict over a whole message with so many recipients; what passes counts as accepted. */
  message(attempt: Omit<Attempt, 'sender' | 'recipient'>, recipients: number, nowMs: number): Verdict {
    const senders = this.#ofSender(attempt, nowMs);
    const { dkimDomain: dynamics, answersAt } = this.parameters;
    const signer = dynamics && attempt.dkimDomain !== null ? [this.#kept('dkimDomain', attempt.dkimDomain, dynamics, nowMs)] : [];
    const verdict = this.#judge(answersAt === 'message' ? [...senders, ...signer] : signer, nowMs);
    if (verdict.kind !== 'pass') return verdict;
    const trouble = this.#trouble(nowMs);
    if (trouble) return trouble;
    for (const kept of [...senders, ...signer]) {
      kept.passed += recipients;
      for (let left = recipients; left > 0; left--) {
        kept.account.arrive();
        kept.account.take();
        kept.account.accept();
      }
      if (attempt.complains) kept.account.countComplaint();
    }
    return pass;
  }

  /** One message to one recipient, from MAIL FROM to the reply to its final dot. */
  attempt(attempt: Attempt, nowMs: number): Verdict {
    const first = this.mail(attempt, nowMs);
    if (first.kind !== 'pass') return first;
    const second = this.recipient(attempt, nowMs);
    return second.kind === 'pass' ? this.message(attempt, 1, nowMs) : second;
  }

  /** Every identity that is known, as the provider sees it now. */
  views(nowMs: number): AccountView[] {
    const swing = this.#swing(nowMs);
    return this.#all().map(({ account, ...kept }) => {
      account.advance(nowMs, swing);
      const { standing, reputation, warmPerHour, strainMinutes } = account;
      const facts = { reputation, warmPerHour, strainMinutes, allowedPerHour: account.allowedPerHour(swing) };
      return { ...kept, ...facts, standing: standing.kind, untilMs: standing.kind === 'open' ? null : standing.untilMs };
    });
  }

  #ofSender({ source, envelopeDomain }: Sender, nowMs: number): Kept[] {
    const { source: ofSource, envelopeDomain: ofDomain } = this.parameters;
    const kept = [this.#kept('source', source, ofSource, nowMs)];
    if (ofDomain && envelopeDomain) kept.push(this.#kept('envelopeDomain', envelopeDomain, ofDomain, nowMs));
    return kept;
  }

  /** The first identity that is refused or put off decides; only it is blamed. */
  #judge(all: readonly Kept[], nowMs: number): Verdict {
    for (const kept of all) {
      const verdict = this.#judgeOne(kept, nowMs);
      if (verdict.kind === 'pass') continue;
      kept.account.arrive();
      if (verdict.kind === 'refused') kept.refused += 1;
      else kept.putOff += 1;
      return verdict;
    }
    return pass;
  }

  #judgeOne(kept: Kept, nowMs: number): Verdict {
    const { account, identity } = kept;
    const swing = this.#swing(nowMs);
    if (account.standing.kind === 'open') {
      if (account.hasRoom || this.#random.between(0, 1) >= this.#dynamicsOf(identity).strictness) return pass;
      account.putOff(nowMs, swing);
      return { kind: 'put_off', cause: 'rate', identity, reply: this.#rateReply(identity) };
    }
    account.putOff(nowMs, swing);
    if (account.standing.kind === 'penalty') return { kind: 'put_off', cause: 'penalty', identity, reply: this.#poorReply(identity) };
    const permanent = this.#dynamicsOf(identity).block?.replies !== 'temporary';
    if (permanent) return { kind: 'refused', cause: 'blocked', identity, reply: this.#reactions.blocked };
    return { kind: 'put_off', cause: 'blocked', identity, reply: this.#poorReply(identity) };
  }

  #dynamicsOf(identity: Identity): Dynamics {
    return this.parameters[identity] ?? this.parameters.source;
  }

  #rateReply(identity: Identity): SampleReply {
    if (identity === 'dkimDomain') return this.#reactions.dkimDomainTooFast;
    return identity === 'envelopeDomain' ? this.#reactions.envelopeDomainTooFast : this.#replies.rateLimited;
  }

  #poorReply(identity: Identity): SampleReply {
    return identity === 'source' ? this.#reactions.poorReputation : this.#rateReply(identity);
  }

  /** What is the provider's own and nobody's fault. */
  #trouble(nowMs: number): Verdict | null {
    const { busyTimes, troubleShare } = this.parameters;
    const because = (cause: RefusalCause): Verdict => ({ kind: 'put_off', cause, identity: null, reply: this.#replies.temporaryFailure });
    if (busyTimes && this.#isBusy(busyTimes, nowMs) && this.#random.between(0, 1) < busyTimes.putsOffShare) return because('busy');
    return troubleShare > 0 && this.#random.between(0, 1) < troubleShare ? because('trouble') : null;
  }

  #isBusy({ everyHours, lastMinutes }: NonNullable<ReactionParameters['busyTimes']>, nowMs: number): boolean {
    const draw = (fromMs: number) => (this.#busyFromMs = fromMs + this.#random.between(0.5, 1.5) * everyHours * hourMs);
    if (this.#busyFromMs === Infinity) draw(nowMs);
    if (nowMs < this.#busyUntilMs) return true;
    if (nowMs < this.#busyFromMs) return false;
    this.#busyUntilMs = nowMs + this.#random.between(0.5, 1.5) * lastMinutes * 60_000;
    draw(this.#busyUntilMs);
    return true;
  }

  #swing(nowMs: number): number {
    const { dailySwing } = this.parameters;
    if (!dailySwing) return 1;
    return 1 + dailySwing.share * Math.cos(((nowMs / hourMs - dailySwing.highestAtHour) / 24) * 2 * Math.PI);
  }

  #kept(identity: Identity, value: string, dynamics: Dynamics, nowMs: number): Kept {
    const accounts = this.#accounts[identity];
    const known = accounts.get(value);
    if (known) {
      if (nowMs > known.account.atMs) known.account.advance(nowMs, this.#swing(nowMs));
      return known;
    }
    this.#makeRoom();
    const made: Kept = { identity, value, account: new Account(dynamics, nowMs), openConnections: 0, passed: 0, putOff: 0, refused: 0 };
    accounts.set(value, made);
    return made;
  }

  /** Of the kind that there are most of. */
  #makeRoom(): void {
    const kinds = Object.values(this.#accounts);
    if (kinds.reduce((sum, { size }) => sum + size, 0) < maxAccounts) return;
    forgetOne(kinds.reduce((most, kind) => (kind.size > most.size ? kind : most)));
  }

  #all(): Kept[] {
    return Object.values(this.#accounts).flatMap((accounts) => [...accounts.values()]);
  }
}

function forgetOne(accounts: Map<string, Kept>): void {
  let oldest: [string, Kept] | null = null;
  let looks = looksForOldest;
  for (const entry of accounts) {
    if (entry[1].openConnections === 0 && (oldest === null || entry[1].account.atMs < oldest[1].account.atMs)) oldest = entry;
    looks -= 1;
    if (looks <= 0 && oldest !== null) break;
  }
  if (oldest) accounts.delete(oldest[0]);
}
