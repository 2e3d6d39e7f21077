// Outcomes counted where rules look, and the moment at which a rule is hit. An outcome costs a look-up of what watches its kind of mail and
// a few additions; rules are weighed only at outcomes that can hit them, against sums that are kept running. Bounded in places and in
// kinds of mail; what is beyond is not watched, and counted as such. Pure: time is an argument.
import type { BlamedIdentity, BounceClass, DecisionSubject, Remedy } from '@sluice/contract';
import { evidenceOf, type Evidence } from './evidence.ts';
import { InTurn } from './in-turn.ts';
import { blamedPlace, Place, placeOf, sourcePlace, tenantProviderPlace, type PlaceMail, type PlaceName } from './place.ts';
import type { OutcomeWindow } from './outcome-window.ts';
import { RateMeter } from './rate-meter.ts';
import type { AutomationRule, AutomationRules } from './rule-set.ts';

export const maxPlaces = 20_000;
const maxKindsOfMail = 20_000;
/** Places looked at when there is no room, for those that hold nothing, and how often. */
const looksWhenFull = 4_000;
const looksEveryMs = 2_000;
/** A percentile is read at every so-many-th attempt. */
const latencyEvery = 8;

/** An outcome as far as rules look at it. */
export type WatchedOutcome = {
  readonly type: 'delivered' | 'deferred' | 'bounced' | 'path_deferred' | 'complained';
  readonly sourceId: string;
  readonly poolId: string | null;
  readonly provider: string | null;
  readonly site: string;
  readonly tenantId: string | null;
  readonly streamId: string | null;
  readonly campaign: string | null;
  readonly reply: { readonly code: number; readonly text: string } | null;
  readonly enhanced: string | null;
  readonly bounceClass: BounceClass | null;
  readonly replyRule: string | null;
  readonly latencyMs: number | null;
  readonly recipients: number;
  readonly signingDomain: string | null;
};
export type Meaning = { readonly remedy: Remedy; readonly identity: BlamedIdentity };

export type Hit = { rule: AutomationRule; key: string; subject: DecisionSubject; evidence: Evidence };

type Watch = { rule: AutomationRule; place: Place };
/** What watches one kind of mail: same source, site, pool, tenant, stream and campaign. */
type KindOfMail = {
  mail: PlaceMail;
  /** Each once, however many rules share it. */
  windows: readonly OutcomeWindow[];
  watches: readonly Watch[];
  byIdentity: readonly AutomationRule[];
  meters: readonly RateMeter[];
  latency: boolean;
};

const none: readonly Hit[] = [];
const blockClasses: ReadonlySet<BounceClass> = new Set(['policy', 'rate_limited']);
const goneClasses: ReadonlySet<BounceClass> = new Set(['bad_mailbox', 'bad_domain']);

export class AutomationWatch {
  #rules: AutomationRules;
  #kinds = new Map<string, KindOfMail>();
  readonly #places = new Map<string, Place>();
  readonly #meters = new Map<string, RateMeter>();
  readonly #meaning: (provider: string | null, replyRule: string) => Meaning | null;
  readonly #placesInTurn = new InTurn(this.#places);
  readonly #metersInTurn = new InTurn(this.#meters);
  #seen = 0;
  #nextLooksMs = 0;
  /** Outcomes of mail that could not be watched for want of room. */
  unwatched = 0;

  constructor(rules: AutomationRules, meaning: (provider: string | null, replyRule: string) => Meaning | null) {
    this.#rules = rules;
    this.#meaning = meaning;
  }

  get places(): number {
    return this.#places.size;
  }

  /** Other rules from now on; what was counted for those that stay is kept. False: they are the same. */
  swap(rules: AutomationRules): boolean {
    if (rules === this.#rules) return false;
    this.#rules = rules;
    this.#kinds = new Map();
    return true;
  }

  /** Counts the outcome; the rules that it hits. */
  seen(outcome: WatchedOutcome, nowMs: number): readonly Hit[] {
    if (this.#rules.rules.size === 0) return none;
    const meaning = outcome.replyRule === null ? null : this.#meaning(outcome.provider, outcome.replyRule);
    if (outcome.provider !== null) return this.#seenBy(this.#kindOf(outcome, 'whole', nowMs), outcome, meaning, nowMs);
    const hits = this.#seenBy(this.#kindOf(outcome, 'without site', nowMs), outcome, meaning, nowMs);
    // Sites that nobody knows can be very many: one is watched from the first outcome on that is no delivery.
    const site = outcome.type === 'delivered' ? this.#kinds.get(kindKey(outcome, 'site')) : this.#kindOf(outcome, 'site', nowMs);
    return site ? [...hits, ...this.#seenBy(site, outcome, meaning, nowMs)] : hits;
  }

  #seenBy(kind: KindOfMail, outcome: WatchedOutcome, meaning: Meaning | null, nowMs: number): readonly Hit[] {
    this.#count(kind, outcome, meaning, nowMs);
    const bad = outcome.type !== 'delivered';
    if (!bad && (!kind.latency || ++this.#seen % latencyEvery !== 0)) return none;
    return this.#weigh(kind, outcome, meaning, nowMs);
  }

  /** Recipients a minute that are attempted there now, while any are; null when nothing was lately. */
  rateOf(key: string, nowMs: number): number | null {
    return this.#meters.get(key)?.perMinute(nowMs) ?? null;
  }

  /** The same of the last half a minute. */
  recentRateOf(key: string, nowMs: number): number | null {
    return this.#meters.get(key)?.recentPerMinute(nowMs) ?? null;
  }

  /** The rate of all sources of the pool at the same provider, of the last half a minute where anything was sent in it. */
  rateOfPool(pool: string, provider: string | null, site: string, nowMs: number): number | null {
    const key = poolKey(pool, provider, site);
    return this.recentRateOf(key, nowMs) ?? this.rateOf(key, nowMs);
  }

  /** Whether what the rule looks at has been well below what hits it for a while. */
  calm(rule: AutomationRule, key: string, quietMs: number, nowMs: number): boolean {
    const place = this.#places.get(key);
    if (!place) return true;
    const { trigger } = rule;
    if (trigger.kind === 'latency')
      return place.latency(trigger.windowSeconds * 1000).percentile(trigger.percentile, nowMs).ms <= trigger.aboveMs * 0.75;
    if (trigger.kind === 'replies') return nowMs - (place.lastMatchMs.get(rule.id) ?? -Infinity) >= quietMs;
    const windowMs = trigger.windowSeconds * 1000;
    const attempts = place.window(windowMs).sum('attempts', nowMs);
    const bad =
      trigger.kind === 'share' ? place.window(windowMs).sum(trigger.of, nowMs) : place.matches(rule.id, windowMs).sum('matched', nowMs);
    // Of few attempts a share says little: more than one of them has to be bad.
    return bad <= 1 || bad * 100 <= attempts * (trigger.percent / 2);
  }

  /** What was seen there before a change says nothing of after it. */
  reset(key: string): void {
    this.#places.get(key)?.reset();
  }

  #count(kind: KindOfMail, outcome: WatchedOutcome, meaning: Meaning | null, nowMs: number): void {
    const { type, recipients: n, bounceClass, latencyMs } = outcome;
    if (type === 'path_deferred') return;
    if (type === 'complained') {
      for (const window of kind.windows) window.add('complained', n, nowMs);
      return;
    }
    for (const meter of kind.meters) meter.add(n, nowMs);
    const what =
      type === 'deferred' && !ofRecipient(outcome, meaning)
        ? ('deferred' as const)
        : type === 'bounced' && bounceClass !== null && goneClasses.has(bounceClass)
          ? ('hard_bounced' as const)
          : null;
    const blocked = type !== 'delivered' && bounceClass !== null && blockClasses.has(bounceClass) && !ofRecipient(outcome, meaning);
    for (const window of kind.windows) {
      window.add('attempts', n, nowMs);
      if (what) window.add(what, n, nowMs);
      if (blocked) window.add('blocked', n, nowMs);
    }
    if (!kind.latency || latencyMs === null) return;
    for (const { rule, place } of kind.watches)
      if (rule.trigger.kind === 'latency') place.latency(rule.trigger.windowSeconds * 1000).add(latencyMs, nowMs);
  }

  #weigh(kind: KindOfMail, outcome: WatchedOutcome, meaning: Meaning | null, nowMs: number): readonly Hit[] {
    const { reply, type, enhanced, bounceClass, replyRule, recipients } = outcome;
    const refused = type !== 'delivered' && type !== 'complained';
    const text = reply?.text ?? '';
    const matches = refused
      ? this.#rules.matching({ replyRule, remedy: meaning?.remedy ?? null, enhanced, bounceClass, text })
      : () => false;
    const hits: Hit[] = [];
    const what = enhanced ?? (reply ? String(reply.code) : (bounceClass ?? type)).replaceAll('_', ' ');
    const n = Math.max(1, recipients);
    for (const { rule, place } of kind.watches) {
      const evidence = evidenceOf(rule, place, { matches, n, what, type }, nowMs);
      if (evidence) hits.push({ rule, key: place.key, subject: place.subject, evidence });
    }
    for (const rule of refused ? kind.byIdentity : []) {
      if (!matches(rule.id)) continue;
      const name = blamedPlace({ ...kind.mail, signingDomain: outcome.signingDomain }, meaning?.identity ?? 'none', text, rule.where);
      const place = name && this.#place(name, nowMs);
      const evidence = place && evidenceOf(rule, place, { matches, n, what, type }, nowMs);
      if (evidence) hits.push({ rule, key: place.key, subject: place.subject, evidence });
    }
    return hits;
  }

  #kindOf(outcome: WatchedOutcome, part: Part, nowMs: number): KindOfMail {
    const key = kindKey(outcome, part);
    const known = this.#kinds.get(key);
    if (known) return known;
    if (this.#kinds.size >= maxKindsOfMail) this.#kinds = new Map();
    const made = this.#makeKind(outcome, part, nowMs);
    this.#kinds.set(key, made);
    return made;
  }

  #makeKind(outcome: WatchedOutcome, part: Part, nowMs: number): KindOfMail {
    const { sourceId: source, provider, site, poolId, tenantId: tenant, streamId: stream, campaign } = outcome;
    const mail: PlaceMail = { source, provider, site, tenant, stream, campaign };
    const watches: Watch[] = [];
    const byIdentity: AutomationRule[] = [];
    const windows = new Set<OutcomeWindow>();
    const keys = new Set<string>();
    if (part !== 'without site') {
      keys.add(sourcePlace(mail).key);
      const ofTenant = tenantProviderPlace(mail);
      if (ofTenant) keys.add(ofTenant.key);
      if (poolId !== null) keys.add(poolKey(poolId, provider, site));
    }
    for (const rule of this.#rules.applicable(mail)) {
      const bySite = rule.per === 'source_provider' || rule.per === 'tenant_provider' || rule.per === 'identity';
      if (part !== 'whole' && bySite !== (part === 'site')) continue;
      if (rule.per === 'identity') {
        byIdentity.push(rule);
        continue;
      }
      const name = placeOf(rule.per, mail, rule.where);
      const place = name && this.#place(name, nowMs);
      if (!place) continue;
      watches.push({ rule, place });
      keys.add(place.key);
      const windowMs = rule.trigger.windowSeconds * 1000;
      if (rule.trigger.kind === 'share' || rule.trigger.kind === 'matching_share') windows.add(place.window(windowMs));
    }
    const latency = watches.some(({ rule }) => rule.trigger.kind === 'latency');
    const meters = [...keys].flatMap((key) => this.#meter(key, nowMs) ?? []);
    return { mail, windows: [...windows], watches, byIdentity, meters, latency };
  }

  /** Null: there is no room, and its rate is not known. */
  #meter(key: string, nowMs: number): RateMeter | null {
    const known = this.#meters.get(key);
    if (known) return known;
    if (this.#meters.size >= maxPlaces) this.#makeRoom(nowMs);
    if (this.#meters.size >= maxPlaces) return null;
    const meter = new RateMeter();
    this.#meters.set(key, meter);
    return meter;
  }

  #place(name: PlaceName, nowMs: number): Place | null {
    const known = this.#places.get(name.key);
    if (known) {
      known.forgetOthers(this.#rules.rules);
      return known;
    }
    if (this.#places.size >= maxPlaces) this.#makeRoom(nowMs);
    if (this.#places.size >= maxPlaces) {
      this.unwatched++;
      return null;
    }
    const place = new Place(name);
    this.#places.set(name.key, place);
    return place;
  }

  /** Forgets some of what holds nothing, now and then. */
  #makeRoom(nowMs: number): void {
    if (nowMs < this.#nextLooksMs) return;
    this.#nextLooksMs = nowMs + looksEveryMs;
    const places = this.#placesInTurn.forget(looksWhenFull, (place) => place.isEmpty(nowMs));
    const meters = this.#metersInTurn.forget(looksWhenFull, (meter) => meter.perMinute(nowMs) === null);
    // What was made of things that are gone is made anew.
    if (places + meters > 0) this.#kinds = new Map();
  }
}

/** All of a kind of mail; of mail for a site that nobody knows, what is the same for every site, or what is that site's. */
type Part = 'whole' | 'without site' | 'site';

function kindKey({ sourceId, provider, site, poolId, tenantId, streamId, campaign }: WatchedOutcome, part: Part): string {
  const where = part === 'whole' ? provider : part === 'site' ? `\n${site}` : '';
  // Hosts of one provider are watched together.
  return `${sourceId}\n${where}\n${poolId}\n${tenantId}\n${streamId}\n${campaign}`;
}

const poolKey = (pool: string, provider: string | null, site: string): string => `pool\0${pool}\0${provider ?? `site ${site}`}`;

/** Says nothing of the source: one mailbox is full or busy, a first attempt has to wait, or the provider has a trouble of its own. */
function ofRecipient({ bounceClass, replyRule }: WatchedOutcome, meaning: Meaning | null): boolean {
  return (
    meaning?.identity === 'recipient' ||
    meaning?.remedy === 'none' ||
    bounceClass === 'mailbox_full' ||
    (replyRule?.includes('greylist') ?? false)
  );
}
