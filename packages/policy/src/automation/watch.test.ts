import { automationBody } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { atOnce } from '../steps.ts';
import { compilingAutomation, patternsFit, type AutomationRule } from './rule-set.ts';
import { AutomationWatch, type Meaning, type WatchedOutcome } from './watch.ts';

const start = 1_800_000_000_000;
const alert = { kind: 'alert' } as const;
const match = { replyRules: [], remedies: [], enhanced: [], classes: [], pattern: null };
let made = 0;
function rule(over: Record<string, unknown>): AutomationRule {
  const id = `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;
  return { ...automationBody.parse({ name: `rule ${made}`, action: alert, forSeconds: 600, ...over }), id };
}
const deferredShare = (over: Record<string, unknown> = {}) => ({
  trigger: { kind: 'share', of: 'deferred', percent: 10, minimumVolume: 50, windowSeconds: 300, ...over },
});
const meanings: Record<string, Meaning> = {
  'gmail.rate-dkim': { remedy: 'slow_identity', identity: 'dkim_domain' },
  'gmail.rate-ip': { remedy: 'slow_down', identity: 'source' },
  'gmail.full': { remedy: 'none', identity: 'recipient' },
};
const watchOf = (...rules: AutomationRule[]) =>
  new AutomationWatch(atOnce(compilingAutomation(rules)), (_provider, key) => meanings[key] ?? null);

const delivered: WatchedOutcome = {
  ...{ type: 'delivered', sourceId: 's1', poolId: 'p1', provider: 'gmail', site: 'mx.google', tenantId: 't1', streamId: 'st1' },
  ...{ campaign: null, reply: null, enhanced: null, bounceClass: null, replyRule: null, latencyMs: 100, recipients: 1 },
  signingDomain: 'news.example',
};
const deferred: WatchedOutcome = {
  ...{ ...delivered, type: 'deferred', reply: { code: 421, text: 'unusual rate of mail' }, enhanced: '4.7.28' },
  ...{ bounceClass: 'rate_limited', replyRule: 'gmail.rate-ip' },
};

/** So many of each, one a second; what was hit. */
function feed(watch: AutomationWatch, outcomes: readonly WatchedOutcome[], fromMs = start) {
  return outcomes.flatMap((outcome, at) => watch.seen(outcome, fromMs + at * 1000));
}
const times = (n: number, outcome: WatchedOutcome): WatchedOutcome[] => Array.from({ length: n }, () => outcome);

describe('a share', () => {
  it('hits past its percentage and not before its volume', () => {
    expect(feed(watchOf(rule(deferredShare())), [...times(43, delivered), ...times(6, deferred)])).toEqual([]);
    const [hit] = feed(watchOf(rule(deferredShare())), [...times(44, delivered), ...times(6, deferred)]);
    expect(hit).toMatchObject({ subject: { source: 's1', provider: 'gmail' }, evidence: { count: 6, attempts: 50, percent: 12 } });
    expect(feed(watchOf(rule(deferredShare())), [...times(95, delivered), ...times(10, deferred)])).toEqual([]);
  });

  it('is of the window: what is older does not count', () => {
    const watch = watchOf(rule(deferredShare()));
    feed(watch, times(9, deferred));
    expect(feed(watch, [...times(60, delivered), ...times(1, deferred)], start + 400_000)).toEqual([]);
  });

  it('leaves out what only a recipient is to blame for', () => {
    const full: WatchedOutcome = { ...deferred, replyRule: 'gmail.full', bounceClass: 'mailbox_full' };
    expect(feed(watchOf(rule(deferredShare())), [...times(50, delivered), ...times(50, full)])).toEqual([]);
  });

  it('is counted apart for each source and provider, and for a site where nobody knows the provider', () => {
    const watch = watchOf(rule(deferredShare()));
    feed(watch, times(100, { ...delivered, sourceId: 's2' }));
    feed(watch, times(30, { ...deferred, provider: null, site: 'a' }));
    feed(watch, times(30, { ...deferred, provider: null, site: 'b' }));
    expect(feed(watch, times(20, { ...deferred, provider: null, site: 'a' }))[0]?.subject).toEqual({ source: 's1', site: 'a' });
  });

  it('of blocks counts refusals for policy, temporary or not; of hard bounces those without a mailbox', () => {
    const blocked = { ...delivered, type: 'bounced', bounceClass: 'policy' } as const;
    const gone = { ...delivered, type: 'bounced', bounceClass: 'bad_mailbox' } as const;
    const of = (kind: string) => watchOf(rule(deferredShare({ of: kind })));
    expect(feed(of('blocked'), [...times(50, delivered), ...times(10, blocked)]).length).toBeGreaterThan(0);
    expect(feed(of('blocked'), [...times(50, delivered), ...times(10, gone)])).toEqual([]);
    expect(feed(of('hard_bounced'), [...times(50, delivered), ...times(10, gone)]).length).toBeGreaterThan(0);
    const complaint = { ...delivered, type: 'complained' } as const;
    expect(feed(of('complained'), [...times(50, delivered), ...times(6, complaint)]).length).toBe(1);
  });

  it('starts anew after a reset, and is calm once it is well below what hits', () => {
    const one = rule(deferredShare());
    const watch = watchOf(one);
    const [hit] = feed(watch, [...times(44, delivered), ...times(6, deferred)]);
    if (!hit) throw new Error('no hit');
    expect(watch.calm(one, hit.key, 60_000, start + 60_000)).toBe(false);
    watch.reset(hit.key);
    expect(feed(watch, times(10, deferred), start + 60_000)).toEqual([]);
    expect(watch.calm(one, hit.key, 60_000, start + 80_000)).toBe(false);
    expect(watch.calm(one, hit.key, 60_000, start + 500_000)).toBe(true);
  });
});

describe('replies', () => {
  const two = { kind: 'replies', count: 2, windowSeconds: 3600 };

  it('hit by number in the window, as code, class, rule, remedy or pattern names them', () => {
    for (const named of [
      { enhanced: ['4.7.*'] },
      { classes: ['rate_limited'] },
      { replyRules: ['gmail.rate-ip'] },
      { remedies: ['slow_down'] },
      { pattern: 'UNUSUAL +rate' },
    ]) {
      const watch = watchOf(rule({ trigger: { ...two, match: { ...match, ...named } } }));
      expect(feed(watch, [deferred])).toEqual([]);
      expect(feed(watch, [deferred], start + 3_000_000)).toMatchObject([{ evidence: { count: 2, what: '4.7.28' } }]);
    }
  });

  it('do not hit when something that is named does not hold', () => {
    for (const named of [
      { enhanced: ['4.7.2'] },
      { classes: ['policy'] },
      { replyRules: ['gmail.rate-dkim'] },
      { remedies: ['hold_warm_up'] },
      { pattern: 'blocked' },
      { enhanced: ['4.7.28'], pattern: 'blocked' },
    ])
      expect(feed(watchOf(rule({ trigger: { ...two, match: { ...match, ...named } } })), times(5, deferred))).toEqual([]);
  });

  it('are counted by what they blame: a domain over all sources of its tenant, an address at its source, a recipient not at all', () => {
    const blamed = rule({
      per: 'identity',
      trigger: { ...two, match: { ...match, enhanced: ['4.7.28'] } },
    });
    const watch = watchOf(blamed);
    const dkim = { ...deferred, replyRule: 'gmail.rate-dkim' };
    expect(feed(watch, [dkim, deferred])).toEqual([]);
    expect(feed(watch, [{ ...dkim, sourceId: 's2' }])).toMatchObject([
      { subject: { tenant: 't1', provider: 'gmail', identity: 'news.example' }, evidence: { count: 2 } },
    ]);
    expect(feed(watch, [deferred])).toMatchObject([{ subject: { source: 's1', provider: 'gmail' } }]);
    const network = { ...deferred, reply: { code: 421, text: 'from your IP Netblock' } };
    expect(feed(watch, times(2, network))).toMatchObject([{ subject: { source: 's1', identity: 'network' } }]);
    expect(feed(watch, times(5, { ...deferred, replyRule: 'gmail.full' }))).toEqual([]);
  });

  it('also hit where a connection was refused before any mail was offered', () => {
    const watch = watchOf(rule({ trigger: { ...two, match: { ...match, enhanced: ['4.7.28'] } } }));
    const path: WatchedOutcome = { ...deferred, type: 'path_deferred', tenantId: null, streamId: null, poolId: null, recipients: 0 };
    expect(feed(watch, [path, path]).length).toBe(1);
  });
});

describe('rules', () => {
  it('see only the mail that their `where` names, and count it apart', () => {
    const all = rule(deferredShare());
    const only = rule({ ...deferredShare(), where: { tenant: '00000000-0000-4000-8000-0000000000aa' } });
    const watch = watchOf(all, only);
    const theirs = { tenantId: '00000000-0000-4000-8000-0000000000aa' };
    feed(watch, times(40, { ...delivered, ...theirs }));
    feed(watch, times(40, delivered));
    const hits = feed(watch, times(10, { ...deferred, ...theirs }));
    expect(hits.map(({ rule: { id } }) => id)).toContain(all.id);
    const [own] = hits.filter(({ rule: { id } }) => id === only.id);
    expect(own?.evidence).toMatchObject({ attempts: 50, count: 10 });
    expect(own?.subject).toEqual({ source: 's1', provider: 'gmail', tenant: theirs.tenantId });
  });

  it('that are off count nothing; a swap keeps what was counted for those that stay', () => {
    const one = rule(deferredShare());
    const watch = watchOf(one, rule({ ...deferredShare(), mode: 'off' }));
    feed(watch, [...times(44, delivered), ...times(5, deferred)]);
    watch.swap(atOnce(compilingAutomation([one, rule(deferredShare())])));
    expect(feed(watch, [deferred], start + 60_000).filter(({ rule: { id } }) => id === one.id).length).toBe(1);
  });

  it('measure a rate while there is mail; quiet minutes do not make it lower', () => {
    const watch = watchOf(rule(deferredShare()));
    feed(watch, times(100, delivered));
    const { key } = feed(watch, times(50, deferred), start + 100_000)[0] ?? { key: '' };
    expect(watch.rateOf(key, start + 150_000)).toBeCloseTo(60, -1);
    expect(watch.rateOf(key, start + 300_000)).toBeCloseTo(60, -1);
    expect(watch.rateOf(key, start + 900_000)).toBeNull();
    expect(watch.rateOfPool('p1', 'gmail', 'mx.google', start + 150_000)).toBeCloseTo(60, -1);
  });

  it('judge latency by its percentile', () => {
    const slow = rule({ trigger: { kind: 'latency', percentile: 90, aboveMs: 5000, minimumVolume: 20, windowSeconds: 300 } });
    expect(feed(watchOf(slow), times(100, { ...delivered, latencyMs: 3000 }))).toEqual([]);
    const mixed = times(100, delivered).map((one, at) => ({ ...one, latencyMs: at % 4 === 0 ? 20_000 : 100 }));
    expect(feed(watchOf(slow), mixed)[0]?.evidence).toMatchObject({ percent: 90, what: 'latency' });
  });

  it('may not have more patterns together than a text can be read for', () => {
    const long = { ...match, pattern: 'a long sentence that some provider might say in one of its replies, whatever it then means' };
    const one = rule({ trigger: { kind: 'replies', count: 1, windowSeconds: 60, match: long } });
    expect(patternsFit([one])).toBe(true);
    expect(patternsFit(Array.from({ length: 60 }, () => one))).toBe(false);
  });
});
