// What a sender hears, reply by reply, under a held clock.
import { beforeEach, describe, expect, test } from 'vitest';
import { replyLines, type SampleReply } from '@sluice/providers';
import { SeededRandom, type SimulatorClock } from '../clock.ts';
import { Greylist } from '../greylist.ts';
import { profiles, withOverrides, type Profile, type ProfileName } from '../profiles.ts';
import type { ReactingProvider } from '../reaction/reacting-provider.ts';
import { SourceLimits } from '../source-limits.ts';
import { Session } from './session.ts';

let nowMs = 0;
const clock: SimulatorClock = { nowMs: () => nowMs, monotonicMs: () => nowMs, setTimer: () => () => undefined };
let limits = new SourceLimits(clock);
let greylist = new Greylist(clock);
let reaction: ReactingProvider | null = null;
beforeEach(() => {
  nowMs = 0;
  limits = new SourceLimits(clock);
  greylist = new Greylist(clock);
  reaction = null;
});

function session(name: ProfileName = 'plain', profile: Profile = profiles[name], source = '127.2.0.1', seed = 'seed') {
  const made = new Session({
    host: 'mx.example',
    source,
    account: limits.of(name, source),
    profile: () => profile,
    greylist,
    reaction: () => reaction,
    nowMs: () => nowMs,
    random: new SeededRandom(seed),
  });
  made.command('EHLO out.example');
  return {
    greeting: (allowed: boolean) => onTheWire(made.greeting(allowed)),
    command: (line: string) => onTheWire(made.command(line)),
    secured: () => made.secured(),
    message(dkimDomain: string | null) {
      const { envelope, verdict } = made.message(dkimDomain);
      return { envelope, verdict: verdict.kind === 'reply' ? onTheWire(verdict) : verdict };
    },
  };
}

const onTheWire = <T extends { reply: SampleReply }>(step: T) => ({ ...step, reply: replyLines(step.reply) });

/** Replies to a whole transaction with these recipients; the last is the reply to the message, if it came to that. */
function transaction(on: ReturnType<typeof session>, ...recipients: string[]): string[] {
  const replies = [on.command('MAIL FROM:<a@demo.example>').reply, ...recipients.map((to) => on.command(`RCPT TO:<${to}>`).reply)];
  const data = on.command('DATA');
  if (data.then !== 'data') return [...replies, data.reply];
  const { verdict } = on.message(null);
  return [...replies, verdict.kind === 'reply' ? verdict.reply : verdict.kind];
}

describe('extensions', () => {
  test('a modern host offers what its profile says, and STARTTLS only before the handshake', () => {
    const on = session('gmail');
    const plain = on.command('EHLO out.example').reply;
    for (const word of ['SIZE 157286400', 'PIPELINING', '8BITMIME', 'STARTTLS', 'ENHANCEDSTATUSCODES', 'SMTPUTF8'])
      expect(plain).toContain(`${word}\r\n`);
    on.secured();
    const secured = on.command('EHLO out.example').reply;
    expect(secured).not.toContain('STARTTLS');
    expect(on.command('STARTTLS').reply).toMatch(/^502 /);
  });

  test('the corporate host offers neither STARTTLS nor PIPELINING', () => {
    const reply = session('corporate').command('EHLO out.example').reply;
    expect(reply).not.toMatch(/STARTTLS|PIPELINING/);
    expect(session('corporate').command('STARTTLS').then).toBe('continue');
  });

  test('HELO gets one line', () => {
    expect(session().command('HELO out.example').reply).toMatch(/^250 mx\.example [^\r\n]*\r\n$/);
  });
});

describe('order of commands', () => {
  test('MAIL before EHLO, RCPT before MAIL and DATA without a recipient are refused', () => {
    const fresh = session();
    fresh.secured();
    expect(fresh.command('MAIL FROM:<a@demo.example>').reply).toMatch(/^503 /);
    const on = session();
    expect(on.command('RCPT TO:<ann@shop.example>').reply).toMatch(/^503 /);
    expect(on.command('DATA').reply).toMatch(/^503 /);
    on.command('MAIL FROM:<a@demo.example>');
    expect(on.command('DATA')).toMatchObject({ reply: expect.stringMatching(/^554 /), then: 'continue' });
  });

  test('RSET forgets the envelope', () => {
    const on = session();
    on.command('MAIL FROM:<a@demo.example>');
    on.command('RSET');
    expect(on.command('RCPT TO:<ann@shop.example>').reply).toMatch(/^503 /);
  });

  test('nonsense is answered, and ends the session when it goes on', () => {
    const on = session();
    for (let times = 0; times < 20; times++)
      expect(on.command('\u0000\u0001 x')).toMatchObject({ reply: expect.stringMatching(/^500 /), then: 'continue' });
    expect(on.command('XYZZY')).toMatchObject({ reply: expect.stringMatching(/^421 /), then: 'close' });
  });

  test.each(['MAIL FROM:a@demo.example', 'MAIL TO:<a@demo.example>', 'MAIL FROM:<a b@demo.example>', 'MAIL'])(
    '%s is a syntax error',
    (command) => {
      expect(session().command(command).reply).toMatch(/^501 /);
    },
  );
});

describe('mailboxes', () => {
  test.each([
    ['unknown.ann@gmail.com', 'gmail', /^550-5\.1\.1 The email account/],
    ['unknown@yahoo.com', 'yahoo', /^554 delivery error: dd .*unknown@yahoo\.com/],
    ['unknown+x@outlook.com', 'outlook', /^550 5\.5\.0 .*mailbox unavailable/],
    ['full.ann@gmail.com', 'gmail', /^452-4\.2\.2 /],
    ['busy.ann@gmail.com', 'gmail', /^450-4\.2\.1 /],
    ['greylist.ann@gmail.com', 'gmail', /^451 4\.7\.1 Greylisting/],
  ] as const)('%s at %s is turned away with its words', (address, profile, expected) => {
    const on = session(profile);
    on.command('MAIL FROM:<a@demo.example>');
    expect(on.command(`RCPT TO:<${address}>`).reply).toMatch(expected);
  });

  test('one bad recipient does not spoil the others', () => {
    const replies = transaction(session(), 'ann@shop.example', 'unknown.bob@shop.example');
    expect(replies.map((reply) => reply.slice(0, 3))).toEqual(['250', '250', '550', '250']);
  });

  test('a greylisted recipient passes once the waiting time is over, for that sender and source only', () => {
    const attempt = (source: string) =>
      transaction(session('plain', profiles.plain, source), 'greylist.ann@shop.example')
        .at(1)
        ?.slice(0, 3);
    expect(attempt('127.2.0.1')).toBe('451');
    nowMs = 4_999;
    expect(attempt('127.2.0.1')).toBe('451');
    nowMs = 5_000;
    expect(attempt('127.2.0.1')).toBe('250');
    expect(attempt('127.2.0.2')).toBe('451');
  });

  test.each([
    ['tempfail.ann@shop.example', /^451 4\.3\.0 /],
    ['reject.ann@shop.example', /^554 5\.7\.1 /],
    ['drop.ann@shop.example', /^drop$/],
    ['lose.ann@shop.example', /^drop$/],
  ])('%s is answered after the message', (address, expected) => {
    expect(transaction(session(), address)).toEqual([
      expect.stringMatching(/^250/),
      expect.stringMatching(/^250/),
      expect.stringMatching(expected),
    ]);
  });
});

describe('limits per source address', () => {
  const rate = (name: ProfileName) => withOverrides(profiles[name], { limits: { messageRate: { count: 1, perSeconds: 1, burst: 1 } } });

  test.each([
    ['gmail', 2, /^421-4\.7\.28 .*\r\n421-4\.7\.28 your IP address 127\.2\.0\.1/],
    ['yahoo', 0, /^421 4\.7\.0 \[TSS04\] Messages from 127\.2\.0\.1 temporarily deferred/],
    ['outlook', 0, /^451 4\.7\.500 Server busy.*\[127\.2\.0\.1\]/],
  ] as const)('%s answers the recipient over the rate in its own words', (name, at, expected) => {
    for (let sent = 0; sent < 2; sent++) expect(transaction(session(name, rate(name)), 'ann@x.example').at(-1)).toMatch(/^250/);
    expect(transaction(session(name, rate(name)), 'ann@x.example').at(at)).toMatch(expected);
  });

  test('another source is not touched, and a second brings a token back', () => {
    const from = (source: string) => transaction(session('yahoo', rate('yahoo'), source), 'ann@yahoo.com')[0]?.slice(0, 3);
    expect([from('127.2.0.1'), from('127.2.0.1'), from('127.2.0.1'), from('127.2.0.2')]).toEqual(['250', '250', '421', '250']);
    nowMs = 1_000;
    expect([from('127.2.0.1'), from('127.2.0.1')]).toEqual(['250', '421']);
  });

  test('connections are counted while they are open', () => {
    const profile = withOverrides(profiles.gmail, { limits: { connections: 2 } });
    const account = limits.of('gmail', '127.2.0.1');
    const open = () => account.open(profile);
    expect([open(), open(), open()]).toEqual([true, true, false]);
    account.close();
    account.close();
    expect(open()).toBe(true);
    expect(session('gmail', profile).greeting(false)).toMatchObject({
      reply: expect.stringMatching(/^421 4\.7\.0 Too many concurrent/),
      then: 'close',
    });
    expect(limits.counters().get('gmail 127.2.0.1')).toMatchObject({ openConnections: 2, connections: 4, connectionsRefused: 1 });
  });

  test('the message over the number for one connection hears 421 at MAIL', () => {
    const on = session('yahoo', withOverrides(profiles.yahoo, { limits: { messagesPerConnection: 1, messageRate: null } }));
    expect(transaction(on, 'ann@yahoo.com').at(-1)).toMatch(/^250 ok dirdel/);
    expect(on.command('MAIL FROM:<a@demo.example>')).toMatchObject({
      reply: expect.stringMatching(/^421 4\.7\.0 Max message per connection/),
      then: 'close',
    });
  });
});

describe('size and ids', () => {
  test('a declared size over the limit is refused at MAIL', () => {
    expect(session('corporate').command('MAIL FROM:<a@demo.example> SIZE=10240001').reply).toMatch(/^552 5\.3\.4 /);
    expect(session('corporate').command('MAIL FROM:<a@demo.example> SIZE=10240000 BODY=8BITMIME').reply).toMatch(/^250 /);
  });

  test('recipients over the number of a transaction hear 452', () => {
    const on = session('plain', withOverrides(profiles.plain, { maxRecipients: 1 }));
    expect(transaction(on, 'ann@shop.example', 'bob@shop.example').map((reply) => reply.slice(0, 3))).toEqual(['250', '250', '452', '250']);
  });

  test('the same seed gives the same ids, another seed others, and no id twice', () => {
    const ids = (seed: string) => {
      const on = session('plain', profiles.plain, '127.2.0.1', seed);
      return Array.from({ length: 500 }, () => transaction(on, 'ann@shop.example').at(-1) ?? '');
    };
    expect(ids('a')).toEqual(ids('a'));
    expect(ids('b')).not.toEqual(ids('a'));
    expect(new Set(ids('a')).size).toBe(500);
  });
});
