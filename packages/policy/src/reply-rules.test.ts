// What a refusal means by a provider's rules, which rules are refused, and that no text can make reading slow.
import { replyRule, replyRules, strictReplyRules, type ReplyRule } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { checkReplyRules, compiledReplyRules, maxPatternSize, maxPatternsSize, maxReplyText, readReply } from './reply-rules.ts';

const rule = (key: string, match: Record<string, unknown>, more: Record<string, unknown> = {}): ReplyRule =>
  replyRule.parse({
    key,
    meaning: 'for a test',
    match,
    bounceClass: 'policy',
    samples: [{ code: 550, enhanced: null, text: 'no' }],
    ...more,
  });

const read = (rules: ReplyRule[], code: number, enhanced: string | null, text: string, phase = 'rcpt' as const) =>
  readReply(compiledReplyRules(rules), { code, enhanced, text }, phase)?.key ?? null;

describe('reading a reply', () => {
  const rules = [
    rule('code', { codes: [421], pattern: 'busy' }),
    rule('class', { codes: [5], pattern: 'policy' }),
    rule('exact', { enhanced: ['4.7.28'] }),
    rule('subject', { enhanced: ['4.7.*'] }),
    rule('greeting', { codes: [554], phases: ['greeting'] }),
    rule('text', { pattern: String.raw`too many (concurrent )?connections|\[TS0[1-4]\]` }),
    rule('rest', { codes: [4, 5] }),
  ];

  it('takes the first rule of which all that it names holds', () => {
    expect(read(rules, 421, null, 'we are BUSY')).toBe('code');
    expect(read(rules, 450, null, 'we are busy')).toBe('rest');
    expect(read(rules, 550, '5.7.1', 'against our Policy')).toBe('class');
    expect(read(rules, 421, '4.7.28', 'unusual')).toBe('exact');
    expect(read(rules, 421, '4.7.2', 'unusual')).toBe('subject');
    expect(read(rules, 421, '4.7.280', 'unusual')).toBe('subject');
    expect(read(rules, 451, '4.70.1', 'unusual')).toBe('rest');
    expect(readReply(compiledReplyRules(rules), { code: 554, enhanced: null, text: 'x' }, 'greeting')?.key).toBe('greeting');
    expect(read(rules, 554, null, 'x')).toBe('rest');
  });

  it('joins the lines of a text by spaces and ignores case', () => {
    expect(read(rules, 452, null, 'Too many\nconcurrent\nConnections')).toBe('text');
    expect(read(rules, 452, null, '[ts03] later')).toBe('text');
  });

  it('knows nothing of replies that are no refusals, nor of refusals that no rule names', () => {
    expect(read(rules, 250, null, 'busy')).toBeNull();
    expect(read(rules, 354, null, '[TS03]')).toBeNull();
    expect(read([rule('only', { codes: [421] })], 450, null, 'x')).toBeNull();
    expect(read([], 450, null, 'x')).toBeNull();
  });

  it('reads a bounded part of the text', () => {
    expect(read(rules, 450, null, `${' '.repeat(maxReplyText - 6)}[TS01]`)).toBe('text');
    expect(read(rules, 450, null, `${' '.repeat(maxReplyText)}[TS01]`)).toBe('rest');
  });

  it('compiles the rules of an entity once', () => {
    expect(compiledReplyRules(rules)).toBe(compiledReplyRules(rules));
    expect(compiledReplyRules([...rules])).not.toBe(compiledReplyRules(rules));
  });
});

describe('rules that are refused', () => {
  const messages = (...patterns: string[]) =>
    checkReplyRules(patterns.map((pattern, at) => rule(`r${at}`, { pattern }))).map(({ at, field, message }) => [at, field, message]);

  it('says which rule and where its pattern is wrong', () => {
    expect(messages('fine', 'ab[z-a]', 'too (much')).toEqual([
      [1, 'match.pattern', 'rule r1: invalid character class range at character 4: z-a'],
      [2, 'match.pattern', 'rule r2: missing closing ) at character 1: too (much'],
    ]);
  });

  it('refuses what cannot be matched in linear time', () => {
    expect(messages('a(?=b)')).toEqual([[0, 'match.pattern', 'rule r0: invalid or unsupported Perl syntax at character 2: (?=']]);
    expect(messages(String.raw`(a)\1`)).toEqual([[0, 'match.pattern', String.raw`rule r0: invalid escape sequence at character 4: \1`]]);
  });

  it('refuses a pattern that takes too many steps, and too many of them together', () => {
    expect(messages('x.{200}y')).toEqual([[0, 'match.pattern', expect.stringContaining(`more than ${maxPatternSize}`)]]);
    const many = Array.from({ length: 40 }, () => 'x'.repeat(60));
    expect(messages(...many)).toEqual([[24, 'match.pattern', expect.stringContaining(`more than ${maxPatternsSize}`)]]);
  });

  it('refuses a rule that matches everything, a key used twice, and in an input what it does not know', () => {
    const good = {
      key: 'a',
      meaning: 'for a test',
      match: { codes: [4] },
      bounceClass: 'policy',
      samples: [{ code: 450, enhanced: null, text: 'no' }],
    };
    expect(replyRule.safeParse({ ...good, match: {} }).success).toBe(false);
    expect(replyRules.safeParse([good, good]).success).toBe(false);
    expect(replyRules.safeParse([{ ...good, later: 1, match: { codes: [4], later: 1 } }]).success).toBe(true);
    expect(strictReplyRules.safeParse([good]).success).toBe(true);
    expect(strictReplyRules.safeParse([{ ...good, later: 1 }]).success).toBe(false);
    expect(strictReplyRules.safeParse([{ ...good, match: { codes: [4], later: 1 } }]).success).toBe(false);
  });
});

it('takes time that grows with the length of the text and not with what stands in it', () => {
  // A backtracking engine needs longer than the universe for these.
  const rules = ['(a+)+$', '(a|aa)+b', '(x+x+)+y', '(.*a){8}b'].map((pattern, at) =>
    rule(`r${at}`, { codes: [4], pattern: `${pattern}never` }),
  );
  const compiled = compiledReplyRules(rules);
  const text = 'ax'.repeat(maxReplyText / 2);
  const startedAt = performance.now();
  for (let n = 0; n < 100; n++) expect(readReply(compiled, { code: 450, enhanced: null, text }, 'rcpt')).toBeNull();
  expect((performance.now() - startedAt) / 100).toBeLessThan(20);
});
