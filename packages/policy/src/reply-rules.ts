// From a provider's reply rules to what one refusal means. Rules are checked where they are written (`checkReplyRules`) and compiled once:
// all patterns of a provider become one automaton, which reads a reply once whatever the number of rules, and whose time grows with the
// length of the text and never with what a remote server chose to write in it (RE2: no look-around, no back-references).
import type { ReplyPhase, ReplyRule } from '@sluice/contract';
import { RE2JS, RE2JSSyntaxException, RE2Set } from 're2js';

/** Of a reply's text; the rest is not read. Every documented reply says what it means long before. */
export const maxReplyText = 600;
/** Instructions of one compiled pattern; the words of a sentence take one each letter, `.{100}` takes a hundred. */
export const maxPatternSize = 150;
/** Instructions of all patterns of a provider: what the worst text can cost goes with it. */
export const maxPatternsSize = 1_500;
/** Octets of remembered states, for each provider. */
const automatonMemory = 1 << 20;

/** What reading needs of a reply. `text` without codes, its lines separated by LF or spaces. */
export type ReadableReply = { code: number; enhanced: string | null; text: string };
/** `at`: number of the rule from 0. `field`: within the rule. */
export type RuleProblem = { at: number; field: string; message: string };

const problemOf = (at: number, field: string, message: string): RuleProblem => ({ at, field, message });

/** What is wrong with the patterns, in the order of the rules; empty when they can be compiled. */
export function checkReplyRules(rules: readonly ReplyRule[]): RuleProblem[] {
  const problems: RuleProblem[] = [];
  let size = 0;
  rules.forEach(({ key, match: { pattern } }, at) => {
    if (pattern === null) return;
    const measured = patternSize(pattern);
    if (typeof measured === 'string') {
      problems.push(problemOf(at, 'match.pattern', `rule ${key}: ${measured}`));
      return;
    }
    size += measured;
    if (measured > maxPatternSize)
      problems.push(problemOf(at, 'match.pattern', `rule ${key}: the pattern takes ${measured} steps, more than ${maxPatternSize}`));
    else if (size > maxPatternsSize && size - measured <= maxPatternsSize)
      problems.push(problemOf(at, 'match.pattern', `rule ${key}: with it the patterns take ${size} steps, more than ${maxPatternsSize}`));
  });
  return problems;
}

/** Instructions that the pattern compiles to, or why it does not. */
export function patternSize(pattern: string): number | string {
  try {
    return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE).programSize();
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) return 'the pattern cannot be compiled';
    // The engine puts the flag in front of what it was given.
    const part = error.getPattern()?.replace(/^\(\?i\)/, '') ?? '';
    const place = part === '' ? -1 : pattern.indexOf(part);
    return `${error.getDescription()}${place < 0 ? '' : ` at character ${place + 1}: ${part}`}`;
  }
}

type CompiledRule = { rule: ReplyRule; codes: ReadonlySet<number>; enhanced: readonly string[]; pattern: number | null };
export type CompiledReplyRules = { readonly rules: readonly CompiledRule[]; readonly patterns: RE2Set };

/** Throws for rules in which `checkReplyRules` finds a problem. */
function compile(rules: readonly ReplyRule[]): CompiledReplyRules {
  const patterns = new RE2Set(RE2Set.UNANCHORED, RE2JS.CASE_INSENSITIVE, automatonMemory);
  const compiled = rules.map((rule) => ({
    rule,
    codes: new Set(rule.match.codes),
    // `4.7.*` is known by its beginning; a whole code ends where the reply's does.
    enhanced: rule.match.enhanced.map((code) => (code.endsWith('*') ? code.slice(0, -1) : `${code} `)),
    pattern: rule.match.pattern === null ? null : patterns.add(rule.match.pattern),
  }));
  return { rules: compiled, patterns };
}

const compiledRules = new WeakMap<readonly ReplyRule[], CompiledReplyRules>();

/** Compiled at the first call and kept as long as the list of rules, which an entity keeps over all generations that it stays the same. */
export function compiledReplyRules(rules: readonly ReplyRule[]): CompiledReplyRules {
  const known = compiledRules.get(rules);
  if (known) return known;
  const made = compile(rules);
  compiledRules.set(rules, made);
  return made;
}

/** The first rule that matches a refusal; null where none does, and for everything that is no refusal. */
export function readReply({ rules, patterns }: CompiledReplyRules, reply: ReadableReply, phase: ReplyPhase): ReplyRule | null {
  if (reply.code < 400) return null;
  const enhanced = reply.enhanced === null ? null : `${reply.enhanced} `;
  let found: ReadonlySet<number> | null = null;
  for (const { rule, codes, enhanced: wanted, pattern } of rules) {
    if (codes.size > 0 && !codes.has(reply.code) && !codes.has(Math.floor(reply.code / 100))) continue;
    if (wanted.length > 0 && (enhanced === null || !wanted.some((start) => enhanced.startsWith(start)))) continue;
    if (rule.match.phases.length > 0 && !rule.match.phases.includes(phase)) continue;
    if (pattern === null) return rule;
    found ??= new Set(patterns.match(reply.text.slice(0, maxReplyText).replaceAll('\n', ' ')));
    if (found.has(pattern)) return rule;
  }
  return null;
}
