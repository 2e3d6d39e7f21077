// Rules of automation compiled for two questions: which apply to this mail, and does this refusal match? A rule is filed under one thing
// that its `where` names, so that those of other sources and tenants cost nothing; all patterns are one automaton, which reads the text of
// a refusal once, and only where a rule wants it.
import type { AutomationBody, AutomationMatch, BounceClass, Remedy } from '@sluice/contract';
import { RE2JS, RE2Set } from 're2js';
import { maxPatternSize, maxReplyText, patternSize } from '../reply-rules.ts';
import { everyFew, type Steps } from '../steps.ts';

/** Instructions of all patterns together. */
export const maxAutomationPatternsSize = 3_000;
const automatonMemory = 1 << 20;

export type AutomationRule = AutomationBody & { readonly id: string };
type Dimension = 'source' | 'provider' | 'tenant' | 'stream' | 'campaign';
/** Null: not known, or none. */
export type AutomatedMail = { readonly [dimension in Dimension]: string | null };
const dimensions: readonly Dimension[] = ['source', 'campaign', 'stream', 'tenant', 'provider'];

/** A refusal as rules ask about it. `remedy`: of the reply rule that read it. */
export type Refusal = {
  replyRule: string | null;
  remedy: Remedy | null;
  enhanced: string | null;
  bounceClass: BounceClass | null;
  text: string;
};

/** What is wrong with the pattern; null when nothing is. */
export function automationPatternProblem({ trigger }: Pick<AutomationBody, 'trigger'>): string | null {
  const pattern = patternOf({ trigger });
  if (pattern === null) return null;
  const size = patternSize(pattern);
  if (typeof size === 'string') return size;
  return size > maxPatternSize ? `the pattern takes ${size} steps, more than ${maxPatternSize}` : null;
}

/** Whether the patterns of all these rules can be used together. */
export function patternsFit(rules: Iterable<Pick<AutomationBody, 'trigger' | 'mode'>>): boolean {
  let size = 0;
  for (const rule of rules) {
    const pattern = rule.mode === 'off' ? null : patternOf(rule);
    const measured = pattern === null ? 0 : patternSize(pattern);
    size += typeof measured === 'number' ? measured : 0;
  }
  return size <= maxAutomationPatternsSize;
}

const matchOf = ({ trigger }: Pick<AutomationBody, 'trigger'>): AutomationMatch | null => ('match' in trigger ? trigger.match : null);
const patternOf = (rule: Pick<AutomationBody, 'trigger'>): string | null => matchOf(rule)?.pattern ?? null;

type CompiledMatch = {
  replyRules: ReadonlySet<string>;
  remedies: ReadonlySet<string>;
  classes: ReadonlySet<string>;
  /** Each ends where a code may end. */
  enhanced: readonly string[];
  pattern: number | null;
};

export class AutomationRules {
  readonly rules: ReadonlyMap<string, AutomationRule>;
  readonly #filed: ReadonlyMap<string, readonly AutomationRule[]>;
  readonly #matches: ReadonlyMap<string, CompiledMatch>;
  readonly #patterns: RE2Set;

  constructor(parts: {
    rules: ReadonlyMap<string, AutomationRule>;
    filed: ReadonlyMap<string, readonly AutomationRule[]>;
    matches: ReadonlyMap<string, CompiledMatch>;
    patterns: RE2Set;
  }) {
    this.rules = parts.rules;
    this.#filed = parts.filed;
    this.#matches = parts.matches;
    this.#patterns = parts.patterns;
  }

  /** Those that are not off and whose `where` is met. */
  applicable(mail: AutomatedMail): AutomationRule[] {
    const found: AutomationRule[] = [];
    const take = (rule: AutomationRule): void => {
      if (dimensions.every((dimension) => rule.where[dimension] === undefined || rule.where[dimension] === mail[dimension]))
        found.push(rule);
    };
    for (const rule of this.#filed.get('') ?? []) take(rule);
    for (const dimension of dimensions) {
      const value = mail[dimension];
      if (value !== null) for (const rule of this.#filed.get(`${dimension}\0${value}`) ?? []) take(rule);
    }
    return found;
  }

  /** A test of rules against one refusal; the text is read at most once, whatever is asked. */
  matching(refusal: Refusal): (ruleId: string) => boolean {
    let found: ReadonlySet<number> | null = null;
    const enhanced = refusal.enhanced === null ? null : `${refusal.enhanced} `;
    return (ruleId) => {
      const match = this.#matches.get(ruleId);
      if (!match) return false;
      const { replyRules, remedies, classes, enhanced: wanted, pattern } = match;
      if (replyRules.size > 0 && (refusal.replyRule === null || !replyRules.has(refusal.replyRule))) return false;
      if (remedies.size > 0 && (refusal.remedy === null || !remedies.has(refusal.remedy))) return false;
      if (classes.size > 0 && (refusal.bounceClass === null || !classes.has(refusal.bounceClass))) return false;
      if (wanted.length > 0 && (enhanced === null || !wanted.some((start) => enhanced.startsWith(start)))) return false;
      if (pattern === null) return true;
      found ??= new Set(this.#patterns.match(refusal.text.slice(0, maxReplyText).replaceAll('\n', ' ')));
      return found.has(pattern);
    };
  }
}

/** Compiles the rules that are not off, in steps. Their patterns were checked. */
export function* compilingAutomation(all: Iterable<AutomationRule>): Steps<AutomationRules> {
  const rules = new Map<string, AutomationRule>();
  const filed = new Map<string, AutomationRule[]>();
  const matches = new Map<string, CompiledMatch>();
  const patterns = new RE2Set(RE2Set.UNANCHORED, RE2JS.CASE_INSENSITIVE, automatonMemory);
  const due = everyFew();
  for (const rule of all) {
    if (due()) yield;
    if (rule.mode === 'off') continue;
    rules.set(rule.id, rule);
    const dimension = dimensions.find((one) => rule.where[one] !== undefined);
    const place = dimension === undefined ? '' : `${dimension}\0${rule.where[dimension] ?? ''}`;
    const there = filed.get(place);
    if (there) there.push(rule);
    else filed.set(place, [rule]);
    const match = matchOf(rule);
    if (match) matches.set(rule.id, compiledMatch(match, patterns));
  }
  return new AutomationRules({ rules, filed, matches, patterns });
}

function compiledMatch({ replyRules, remedies, classes, enhanced, pattern }: AutomationMatch, patterns: RE2Set): CompiledMatch {
  return {
    ...{ replyRules: new Set(replyRules), remedies: new Set(remedies), classes: new Set(classes) },
    enhanced: enhanced.map((code) => (code.endsWith('*') ? code.slice(0, -1) : `${code} `)),
    pattern: pattern === null ? null : patterns.add(pattern),
  };
}
