// How a provider takes to its senders, under a clock that the test holds: one that keeps to what is allowed gains, one that sends on through
// refusals loses, and whatever a sender does, numbers stay in their bounds and the same events give the same verdicts.
import { gmail, outlook } from '@sluice/providers';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../clock.ts';
import { reactionParameters, type ReactionInput } from './parameters.ts';
import { ReactingProvider, type Attempt, type Verdict } from './reacting-provider.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const provider = (input: ReactionInput, seed = 'seed', preset = outlook) =>
  new ReactingProvider(reactionParameters.parse(input), preset.simulated, seed);
const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  ...{ source: '192.0.2.1', envelopeDomain: 'news.example', dkimDomain: 'news.example' },
  ...{ sender: 'a@news.example', recipient: 'ann@outlook.com' },
  ...changes,
});
const viewOf = (on: ReactingProvider, nowMs: number, identity = 'source') => {
  const view = on.views(nowMs).find((candidate) => candidate.identity === identity);
  if (!view) throw new Error(`nothing is known of a ${identity}`);
  return view;
};

type Counts = { passed: number; putOff: number; refused: number };
/** Sends at a rate (per hour) for some hours and counts what was said. */
function send(on: ReactingProvider, perHour: number, fromMs: number, hours: number, changes: Partial<Attempt> = {}): Counts {
  const counts = { passed: 0, putOff: 0, refused: 0 };
  const stepMs = hourMs / perHour;
  for (let sent = 0; sent < perHour * hours; sent++) {
    const { kind } = on.attempt(attempt(changes), fromMs + sent * stepMs);
    counts[kind === 'pass' ? 'passed' : kind === 'put_off' ? 'putOff' : 'refused'] += 1;
  }
  return counts;
}

const strict: ReactionInput = {
  source: {
    ...{ warmPerHour: 6_000, headroom: 1, startReputation: 1, burstSeconds: 10, strainCostPerHour: 0.4 },
    penalty: { fromStrainMinutes: 4, lastsMinutes: 10 },
    block: { fromStrainMinutes: 12, lastsMinutes: 60, growth: 2, longestMinutes: 240 },
  },
};

describe('a source', () => {
  test('that keeps to what is allowed is never put off, and gets better', () => {
    const on = provider({ source: { ...strict.source, startReputation: 0.6 } });
    expect(send(on, 3_000, 0, 6)).toEqual({ passed: 18_000, putOff: 0, refused: 0 });
    expect(viewOf(on, 6 * hourMs).reputation).toBeGreaterThan(0.9);
  });

  test('that sends on through refusals is put off more, then altogether, then refused', () => {
    const on = provider(strict);
    const causes: string[] = [];
    for (let sent = 0; sent < 24_000; sent++) {
      const verdict = on.attempt(attempt(), sent * 300);
      const cause = verdict.kind === 'pass' ? 'pass' : verdict.cause;
      if (!causes.includes(cause)) causes.push(cause);
    }
    expect(causes).toEqual(['pass', 'rate', 'penalty', 'blocked']);
    expect(viewOf(on, 24_000 * 300).reputation).toBeLessThan(0.5);
  });

  test('that slows down after the first refusals delivers more than one that does not', () => {
    const stubborn = send(provider(strict), 12_000, 0, 8);
    const careful = provider(strict);
    let [perHour, atMs, passed] = [12_000, 0, 0];
    while (atMs < 8 * hourMs) {
      const counts = send(careful, perHour, atMs, 1 / 60);
      passed += counts.passed;
      perHour = counts.putOff > 0 ? Math.max(1_000, perHour / 2) : perHour + 200;
      atMs += minuteMs;
    }
    expect(passed).toBeGreaterThan(1.2 * stubborn.passed);
    expect(stubborn.refused).toBeGreaterThan(0);
  });

  test('is blocked for so long, longer the next time, and let in again after', () => {
    const on = provider(strict);
    send(on, 60_000, 0, 0.25);
    const first = viewOf(on, 0.25 * hourMs);
    expect(first.standing).toBe('blocked');
    const freeMs = first.untilMs ?? 0;
    expect(on.attempt(attempt(), freeMs - 1)).toMatchObject({ kind: 'refused', cause: 'blocked', reply: { code: 550 } });
    expect(on.attempt(attempt(), freeMs + minuteMs).kind).toBe('pass');
    send(on, 60_000, freeMs + minuteMs, 0.25);
    const second = viewOf(on, freeMs + 16 * minuteMs);
    expect(second.standing).toBe('blocked');
    expect((second.untilMs ?? 0) - freeMs).toBeGreaterThan(2 * hourMs);
  });

  test('gets back what it lost when it is quiet, slowly', () => {
    const on = provider(strict);
    send(on, 12_000, 0, 0.1);
    const lost = viewOf(on, 0.25 * hourMs).reputation;
    const soon = viewOf(on, 0.5 * hourMs).reputation;
    const late = viewOf(on, 24 * hourMs).reputation;
    expect(lost).toBeLessThan(1);
    expect(soon).toBeGreaterThanOrEqual(lost - 0.1);
    expect(soon).toBeLessThan(late);
    expect(late).toBeGreaterThan(0.95);
  });

  test('gets warmer by what is taken of it day by day, and cools when it is idle', () => {
    const on = provider({ source: { warmPerHour: 600, headroom: 3, startReputation: 1, growthPerDay: 2 } });
    send(on, 900, 0, 48);
    const warm = viewOf(on, 48 * hourMs).warmPerHour;
    expect(warm).toBeGreaterThan(1_000);
    expect(warm).toBeLessThanOrEqual(600 * 4);
    const cold = viewOf(on, 48 * hourMs + 20 * 24 * hourMs).warmPerHour;
    expect(cold).toBeLessThan(warm / 2);
    expect(cold).toBeGreaterThanOrEqual(200);
  });

  test('with a bad list, or with complaints, cannot keep a good reputation', () => {
    const best = (changes: (sent: number) => Partial<Attempt>) => {
      const on = provider({ source: { warmPerHour: 100_000, listWindowRecipients: 500, recoveryPerHour: 5 } });
      for (let sent = 0; sent < 5_000; sent++) on.attempt(attempt(changes(sent)), sent * 1_000);
      return viewOf(on, 5_000_000).reputation;
    };
    const clean = best(() => ({}));
    expect(best((sent) => ({ unknown: sent % 5 === 0 }))).toBeLessThan(clean - 0.3);
    expect(best((sent) => ({ complains: sent % 200 === 0 }))).toBeLessThan(clean - 0.2);
  });

  test('with many times its volume at once loses reputation for the spike alone', () => {
    const calm = { warmPerHour: 6_000, headroom: 20, burstSeconds: 3_600, startReputation: 1 } as const;
    const on = provider({ source: { ...calm, spike: { timesWarm: 3, windowMinutes: 5, costPerHour: 2 } } });
    expect(send(on, 60_000, 0, 0.2).putOff).toBe(0);
    expect(viewOf(on, 0.2 * hourMs).reputation).toBeLessThan(0.9);
  });

  test('has fewer connections the worse it is thought of', () => {
    const on = provider({ source: { startReputation: 0 }, connections: { most: 10, least: 2 } });
    const heard = Array.from({ length: 3 }, () => on.connect('192.0.2.1', 0));
    expect(heard.map((verdict) => verdict.kind)).toEqual(['pass', 'pass', 'put_off']);
    for (let open = 0; open < 3; open++) on.disconnect('192.0.2.1', 1);
    expect(viewOf(on, 1).openConnections).toBe(0);
  });

  test('that nobody knows is greylisted, once for each mailbox', () => {
    const on = provider({ source: {}, greylisting: { waitSeconds: 300, remembersHours: 1, skippedFromReputation: 0.95 } });
    const heard = [0, 299, 300, 400, 3_700].map((second) => on.attempt(attempt(), second * 1_000));
    expect(heard.map((verdict) => (verdict.kind === 'pass' ? 'pass' : verdict.cause))).toEqual([
      ...['greylisted', 'greylisted', 'pass', 'pass', 'greylisted'],
    ]);
    expect(on.attempt(attempt({ recipient: 'bob@outlook.com' }), 400_000).kind).toBe('put_off');
  });
});

describe('a signing domain', () => {
  const limited: ReactionInput = {
    answersAt: 'message',
    source: { warmPerHour: 1_000_000, warmMostPerHour: 10_000_000 },
    dkimDomain: { warmPerHour: 600, headroom: 1, startReputation: 1, burstSeconds: 10 },
  };

  test('is held back over all of its sources, in words that name it, and another domain is not', () => {
    const on = provider(limited, 'seed', gmail);
    const heard: Verdict[] = [];
    for (let sent = 0; sent < 200; sent++) heard.push(on.attempt(attempt({ source: `192.0.2.${sent % 4}` }), sent * 1_000));
    const refusals = heard.filter((verdict) => verdict.kind !== 'pass');
    expect(refusals.length).toBeGreaterThan(100);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ identity: 'dkimDomain', cause: 'rate', reply: { enhanced: '4.7.28' } });
      expect(refusal.reply.text).toMatch(/DKIM\s+domain/);
    }
    expect(on.attempt(attempt({ dkimDomain: 'other.example' }), 200_000).kind).toBe('pass');
    for (const view of on.views(200_000)) if (view.identity === 'source') expect(view.strainMinutes).toBe(0);
  });
});

describe('whatever a sender does', () => {
  const eager: ReactionInput = {
    source: { warmPerHour: 2_000, strictness: 0.7, ...strict.source, warmMostPerHour: 5_000 },
    envelopeDomain: { warmPerHour: 3_000 },
    dkimDomain: { warmPerHour: 3_000, penalty: {}, block: { triesProlongSeconds: 30 } },
    connections: { most: 5, least: 1 },
    greylisting: { waitSeconds: 30 },
    troubleShare: 0.02,
    busyTimes: { everyHours: 2, lastMinutes: 20, putsOffShare: 0.5 },
    dailySwing: { share: 0.4, highestAtHour: 14 },
  };

  /** A random sender: bursts, pauses of up to days, a clock that goes back now and then, four sources, three domains. */
  function wander(seed: string): { said: string[]; on: ReactingProvider; endMs: number } {
    const on = provider(eager, 'fixed');
    const random = new SeededRandom(seed);
    const said: string[] = [];
    let nowMs = 0;
    for (let turn = 0; turn < 3_000; turn++) {
      const draw = random.between(0, 1);
      nowMs += draw < 0.002 ? random.between(0, 72 * hourMs) : draw < 0.01 ? -random.between(0, minuteMs) : random.between(0, 2_000);
      const domain = `d${Math.floor(random.between(0, 3))}.example`;
      const from = attempt({ source: `192.0.2.${Math.floor(random.between(0, 4))}`, envelopeDomain: domain, dkimDomain: domain });
      const recipient = `r${Math.floor(random.between(0, 50))}@outlook.com`;
      const verdict = on.attempt({ ...from, recipient, unknown: draw > 0.9, complains: draw < 0.05 }, nowMs);
      said.push(verdict.kind === 'pass' ? 'pass' : `${verdict.kind} ${verdict.cause} ${verdict.reply.code}`);
    }
    return { said, on, endMs: nowMs };
  }

  test.each(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])('the numbers of the provider stay in their bounds (%s)', (seed) => {
    const { on, said, endMs } = wander(seed);
    expect(new Set(said).size).toBeGreaterThan(3);
    for (const view of on.views(endMs)) {
      expect(view.reputation).toBeGreaterThanOrEqual(0);
      expect(view.reputation).toBeLessThanOrEqual(1);
      expect(view.warmPerHour).toBeGreaterThanOrEqual(200);
      if (view.identity === 'source') expect(view.warmPerHour).toBeLessThanOrEqual(5_000);
      expect(view.allowedPerHour).toBeGreaterThan(0);
      expect(view.strainMinutes).toBeGreaterThanOrEqual(0);
      if (view.untilMs !== null) expect(view.untilMs - endMs).toBeLessThanOrEqual(1_440 * minuteMs + minuteMs);
    }
    for (const line of said) if (line.startsWith('refused')) expect(line).toMatch(/ 5\d\d$/);
    for (const line of said) if (line.startsWith('put_off')) expect(line).toMatch(/ 4\d\d$/);
  });

  test('the same events give the same verdicts, and an idle look in between changes none', () => {
    const first = wander('same').said;
    expect(wander('same').said).toEqual(first);
    expect(wander('other').said).not.toEqual(first);
  });

  test('a sender may never have more than what is allowed and one burst', () => {
    for (const perHour of [9_000, 30_000, 100_000]) {
      const on = provider({ source: { warmPerHour: 6_000, growthPerDay: 1, startReputation: 1, headroom: 1, burstSeconds: 60 } });
      const { passed } = send(on, perHour, 0, 2);
      expect(passed).toBeLessThanOrEqual(6_000 * 2 + 100 + 1);
    }
  });
});

test('parameters out of their bounds, or that nobody knows, are refused', () => {
  for (const wrong of [{ source: { startReputation: 2 } }, { source: { warmPerHour: 0 } }, { source: {}, other: 1 }, {}])
    expect(reactionParameters.safeParse(wrong).success).toBe(false);
});
