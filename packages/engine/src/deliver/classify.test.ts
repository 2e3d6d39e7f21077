// What each kind of reply means, row by row.
import { replyRule } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import type { Phase } from '../smtp/index.ts';
import { classOf, isPermanent, judge, scopeOf } from './classify.ts';
import { outcomeOf, remoteReply, setupFailureOf } from './outcome.ts';

type Row = [phase: Phase, code: number, enhanced: string | null, permanent: boolean, bounceClass: string, why: string];
const rows: Row[] = [
  ['rcpt', 550, '5.1.1', true, 'bad_mailbox', 'no such mailbox'],
  ['rcpt', 550, null, true, 'bad_mailbox', 'no such mailbox, old style'],
  ['rcpt', 553, null, true, 'bad_mailbox', 'mailbox name not allowed'],
  ['rcpt', 550, '5.1.2', true, 'bad_domain', 'no such domain'],
  ['rcpt', 556, '5.1.10', true, 'bad_domain', 'null MX, RFC 7505'],
  ['rcpt', 550, '5.7.1', true, 'policy', 'refused by policy'],
  ['rcpt', 450, '4.2.0', false, 'bad_mailbox', 'mailbox busy'],
  ['rcpt', 451, '4.7.1', false, 'policy', 'greylisted'],
  ['rcpt', 450, null, false, 'other', 'unexplained'],
  ['rcpt', 452, '4.2.2', false, 'mailbox_full', 'full for now'],
  ['rcpt', 552, '5.2.2', true, 'mailbox_full', 'full'],
  ['rcpt', 552, null, false, 'mailbox_full', 'may mean too many recipients, RFC 5321 section 4.5.3.1.10'],
  ['rcpt', 552, '5.5.3', false, 'rate_limited', 'too many recipients'],
  ['rcpt', 452, null, false, 'rate_limited', 'too many recipients'],
  ['rcpt', 452, '4.5.3', false, 'rate_limited', 'too many recipients'],
  ['rcpt', 550, '5.5.3', false, 'rate_limited', 'too many recipients: fewer may pass'],
  ['rcpt', 550, '4.7.1', false, 'policy', 'codes contradict each other: temporary'],
  ['rcpt', 450, '5.1.1', false, 'bad_mailbox', 'codes contradict each other: temporary'],
  ['rcpt', 503, '5.5.1', false, 'protocol', 'bad sequence: not the fault of the mail'],
  ['mail', 550, '5.7.1', true, 'policy', 'sender refused'],
  ['mail', 553, '5.1.8', true, 'policy', 'bad sender domain'],
  ['mail', 552, '5.3.4', true, 'message', 'too big'],
  ['mail', 451, null, false, 'other', 'local error'],
  ['mail', 421, '4.7.28', false, 'rate_limited', 'rate'],
  ['mail', 421, '4.7.0', false, 'rate_limited', 'braked by policy'],
  ['data', 554, null, true, 'policy', 'transaction failed'],
  ['data', 451, '4.3.0', false, 'other', 'trouble over there'],
  ['message', 554, '5.7.1', true, 'policy', 'spam'],
  ['message', 552, null, true, 'message', 'too big'],
  ['message', 550, '5.6.0', true, 'message', 'malformed'],
  ['message', 452, null, false, 'other', 'no storage'],
  ['message', 599, null, false, 'other', 'no code of SMTP: temporary'],
  ['greeting', 554, '5.7.1', false, 'policy', 'one host refuses us: another may not'],
  ['greeting', 421, null, false, 'rate_limited', 'busy'],
  ['ehlo', 550, null, false, 'policy', 'name refused'],
  ['starttls', 454, '4.7.0', false, 'policy', 'no TLS now'],
];

describe('replies', () => {
  it.each(rows)('%s %i %s: permanent %s, %s (%s)', (phase, code, enhanced, permanent, bounceClass) => {
    expect({ permanent: isPermanent({ code, enhanced }, phase), bounceClass: classOf({ code, enhanced }, phase) }).toEqual({
      permanent,
      bounceClass,
    });
  });

  it('are temporary whenever the first digit says so, whatever follows', () => {
    for (let code = 200; code < 500; code += 1) {
      for (const phase of ['greeting', 'ehlo', 'starttls', 'mail', 'rcpt', 'data', 'message', 'rset', 'quit'] as const) {
        expect(isPermanent({ code, enhanced: '5.1.1' }, phase)).toBe(false);
      }
    }
  });

  it('concern the recipient, the transaction, the session or the path, by phase', () => {
    expect((['greeting', 'ehlo', 'starttls', 'mail', 'rcpt', 'data', 'message', 'rset', 'quit'] as const).map(scopeOf)).toEqual([
      'path',
      'path',
      'path',
      'transaction',
      'recipient',
      'transaction',
      'transaction',
      'session',
      'session',
    ]);
  });

  it('are kept bounded, without control characters and without characters that turn text around', () => {
    const kept = remoteReply(
      { code: 550, enhanced: '5.1.1', lines: ['a\u0000b\u001b[31mc\u202ed\r', ...Array.from({ length: 300 }, () => 'x'.repeat(100))] },
      'rcpt',
    );
    expect(kept.text.startsWith('a b [31mc d\nxxx')).toBe(true);
    expect(kept.text.length).toBe(2000);
  });
});

describe("a provider's rules", () => {
  const rule = (key: string, match: object, permanence: 'temporary' | 'permanent' | null) => {
    const samples = [{ code: 550, enhanced: null, text: 'x' }];
    return replyRule.parse({ key, meaning: 'for a test', match, bounceClass: 'rate_limited', permanence, samples });
  };
  const rules = [
    rule('p.not-now', { codes: [5], pattern: 'frequency limited' }, 'temporary'),
    rule('p.never', { pattern: 'do not retry' }, 'permanent'),
    rule('p.as-coded', { pattern: 'too many' }, null),
  ];
  const reply = (code: number, text: string, enhanced: string | null = null) => ({ code, enhanced, lines: text.split('|') });

  it('say class and permanence in place of the codes', () => {
    expect(judge(reply(550, 'Ip frequency|limited'), 'rcpt', rules)).toEqual({
      ...{ permanent: false, bounceClass: 'rate_limited', replyRule: 'p.not-now' },
    });
    expect(judge(reply(451, 'Do not retry'), 'message', rules)).toMatchObject({ permanent: true, replyRule: 'p.never' });
    expect(judge(reply(550, 'too many'), 'rcpt', rules)).toMatchObject({ permanent: true, replyRule: 'p.as-coded' });
    expect(judge(reply(450, 'too many'), 'rcpt', rules)).toMatchObject({ permanent: false, replyRule: 'p.as-coded' });
  });

  it('leave to the codes what they do not know', () => {
    expect(judge(reply(550, 'no such user', '5.1.1'), 'rcpt', rules)).toEqual({
      ...{ permanent: true, bounceClass: 'bad_mailbox', replyRule: null },
    });
    expect(judge(reply(450, 'later'), 'rcpt', rules)).toMatchObject({ permanent: false, replyRule: null });
  });

  it('make permanent only what was said of mail', () => {
    for (const phase of ['mail', 'rcpt', 'data', 'message'] as const)
      expect(judge(reply(450, 'do not retry'), phase, rules).permanent).toBe(true);
    for (const phase of ['greeting', 'ehlo', 'starttls', 'auth', 'rset', 'quit'] as const) {
      expect(judge(reply(450, 'do not retry'), phase, rules).permanent).toBe(false);
      expect(judge(reply(554, 'do not retry'), phase, rules).permanent).toBe(false);
    }
    const broken = { phase: 'mail', why: 'shutdown', reply: reply(421, 'do not retry'), detail: 'closed' } as const;
    expect(outcomeOf({ kind: 'broken', ...broken, dotSent: false }, false, rules)).toMatchObject({
      kind: 'deferred',
      replyRule: 'p.never',
    });
    expect(setupFailureOf({ ...broken, phase: 'greeting' }, rules)).toMatchObject({ kind: 'deferred', replyRule: 'p.never' });
  });

  it('are named by the outcome, and by none that came without them', () => {
    const refusal = { kind: 'refused', phase: 'rcpt', reply: reply(550, 'Frequency limited') } as const;
    expect(outcomeOf(refusal, false, rules)).toMatchObject({ kind: 'deferred', bounceClass: 'rate_limited', replyRule: 'p.not-now' });
    expect(outcomeOf(refusal, false, [])).not.toHaveProperty('replyRule');
  });
});
