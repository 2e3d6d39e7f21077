// Limits compiled for one question: which of them apply to a set of dimension values, and under which key does each count? All that match
// apply at once. A limit is filed under one of its `where` values, so that the many limits of other sources and providers cost nothing.
import { connectionDimensions, type LimitBody, type LimitDimension } from '@sluice/contract';
import { everyFew, type Steps } from './steps.ts';

/** What an attempt or a connection is, in the words of limits. An absent dimension counts as the empty value. */
export type Dimensions = { readonly [dimension in LimitDimension]?: string };

/** `name`: what operators are told of it when it binds; one of the configuration has its own there. */
export type LimitRule = Pick<LimitBody, 'where' | 'by' | 'kind' | 'count' | 'perSeconds' | 'burst' | 'enabled'> & {
  readonly id: string;
  readonly name?: string;
};
export type LimitKind = LimitBody['kind'];

type Filed = ReadonlyMap<LimitDimension, ReadonlyMap<string, readonly LimitRule[]>>;

export type LimitSet = {
  readonly rules: ReadonlyMap<string, LimitRule>;
  readonly filed: Readonly<Record<LimitKind, { everywhere: readonly LimitRule[]; under: Filed }>>;
};

function firstCondition(rule: LimitRule): [LimitDimension, string] | null {
  for (const [dimension, value] of Object.entries(rule.where)) {
    if (value !== undefined) return [dimension as LimitDimension, value];
  }
  return null;
}

type Filing = { everywhere: LimitRule[]; under: Map<LimitDimension, Map<string, LimitRule[]>> };
const filing = (): Filing => ({ everywhere: [], under: new Map() });

function file({ everywhere, under }: Filing, rule: LimitRule): void {
  const condition = firstCondition(rule);
  if (!condition) {
    everywhere.push(rule);
    return;
  }
  const byValue = under.get(condition[0]) ?? new Map<string, LimitRule[]>();
  under.set(condition[0], byValue);
  const filed = byValue.get(condition[1]);
  if (filed) filed.push(rule);
  else byValue.set(condition[1], [rule]);
}

/** Compiles the enabled limits, in steps. */
export function* compilingLimits(limits: Iterable<LimitRule>): Steps<LimitSet> {
  const rules = new Map<string, LimitRule>();
  const filed = { message_rate: filing(), connections: filing(), connection_rate: filing() };
  const due = everyFew();
  for (const rule of limits) {
    if (due()) yield;
    if (!rule.enabled) continue;
    rules.set(rule.id, rule);
    file(filed[rule.kind], rule);
  }
  return { rules, filed };
}

function matches(rule: LimitRule, dimensions: Dimensions): boolean {
  for (const dimension in rule.where) {
    const wanted = rule.where[dimension as LimitDimension];
    if (wanted !== undefined && dimensions[dimension as LimitDimension] !== wanted) return false;
  }
  return true;
}

/** Every limit of the kind that applies to these values, of whichever set. */
export function applicableLimits(sets: readonly LimitSet[], kind: LimitKind, dimensions: Dimensions): LimitRule[] {
  const found: LimitRule[] = [];
  for (const { filed } of sets) {
    const { everywhere, under } = filed[kind];
    if (everywhere.length > 0) found.push(...everywhere);
    for (const [dimension, byValue] of under) {
      const value = dimensions[dimension];
      const rules = value === undefined ? undefined : byValue.get(value);
      if (!rules) continue;
      for (const rule of rules) if (matches(rule, dimensions)) found.push(rule);
    }
  }
  return found;
}

/** The counter that a limit keeps for these values: its id and the values it counts apart. */
export function counterKey(rule: LimitRule, dimensions: Dimensions): string {
  let key = rule.id;
  for (const dimension of rule.by) key += `\0${dimensions[dimension] ?? ''}`;
  return key;
}

const pathDimensions: ReadonlySet<string> = new Set<LimitDimension>(connectionDimensions);

/** Whether the limit is the same for everything on one egress path, so that the whole path waits when it binds. */
export function bindsPath(rule: LimitRule): boolean {
  return (
    rule.by.every((dimension) => pathDimensions.has(dimension)) &&
    Object.keys(rule.where).every((dimension) => pathDimensions.has(dimension))
  );
}

/** Whether the limit is the same whichever source mail takes, so that no other source may send what it stops. */
export function bindsAllSources({ by, where }: LimitRule): boolean {
  return !by.includes('source') && where.source === undefined;
}
