// Which value of every delivery setting holds for a piece of mail: the default, then each matching rule from the least to the most
// specific, the last one wins. The rule that a value came from stays known, so that an operator can be told why. HOUSE: default <
// provider < site or domain < source < tenant.
import {
  defaultDeliverySettings,
  dimensionsOf,
  settingDimensions,
  settingKeys,
  type DeliverySettings,
  type SettingBody,
  type SettingDimension,
  type SettingKey,
} from '@sluice/contract';
import { atOnce, everyFew, type Steps } from './steps.ts';

/** What is known of the mail or path; a rule that names an unknown dimension does not match. */
export type SettingContext = { readonly [dimension in SettingDimension]?: string };
export type SettingRule = SettingBody & { readonly id: string };
/** Where a value came from; null is the built-in default. */
export type SettingOrigins = { readonly [key in SettingKey]: string | null };
export type ResolvedSettings = { readonly values: DeliverySettings; readonly origins: SettingOrigins };

const noOrigins = Object.fromEntries(settingKeys.map((key) => [key, null])) as SettingOrigins;
const noRules: ResolvedSettings = { values: defaultDeliverySettings, origins: noOrigins };
/** Resolved contexts kept; past it the cache starts anew. */
const maxResolved = 20_000;

/** The rule without values that mail it names so cannot have: a domain, for one, says nothing about connections that domains share. */
function heard(rule: SettingRule): SettingRule {
  const named = settingDimensions.filter((dimension) => rule.where[dimension] !== undefined);
  const reached = settingKeys.filter((key) => key in rule.values && named.every((dimension) => dimensionsOf(key).includes(dimension)));
  if (reached.length === Object.keys(rule.values).length) return rule;
  return { ...rule, values: Object.fromEntries(reached.map((key) => [key, rule.values[key]])) };
}

/** Rank of a rule: a stronger dimension outweighs all weaker ones together. */
function rankOf(rule: SettingRule): number {
  return settingDimensions.reduce((sum, dimension, index) => (rule.where[dimension] === undefined ? sum : sum + 2 ** index), 0);
}

/** In order of precedence, and by one of the values that each names: the many rules of other domains cost nothing. */
type Compiled = {
  everywhere: readonly Placed[];
  under: ReadonlyMap<SettingDimension, ReadonlyMap<string, readonly Placed[]>>;
  used: readonly SettingDimension[];
  size: number;
};
type Placed = { rule: SettingRule; place: number };

function* compiling(rules: Iterable<SettingRule>): Steps<Compiled> {
  const due = everyFew();
  const enabled: { rule: SettingRule; rank: number }[] = [];
  for (const rule of rules) {
    if (due()) yield;
    if (rule.enabled) enabled.push({ rule: heard(rule), rank: rankOf(rule) });
  }
  // Of two equally specific rules the one made later wins: ids are time-ordered.
  enabled.sort((a, b) => a.rank - b.rank || (a.rule.id < b.rule.id ? -1 : 1));
  const everywhere: Placed[] = [];
  const under = new Map<SettingDimension, Map<string, Placed[]>>();
  const used = new Set<SettingDimension>();
  for (const [place, { rule }] of enabled.entries()) {
    if (due()) yield;
    const named = settingDimensions.filter((dimension) => rule.where[dimension] !== undefined);
    for (const dimension of named) used.add(dimension);
    const strongest = named.at(-1);
    const value = strongest && rule.where[strongest];
    if (strongest === undefined || value === undefined) {
      everywhere.push({ rule, place });
      continue;
    }
    const byValue = under.get(strongest) ?? new Map<string, Placed[]>();
    under.set(strongest, byValue);
    const filed = byValue.get(value);
    if (filed) filed.push({ rule, place });
    else byValue.set(value, [{ rule, place }]);
  }
  return { everywhere, under, used: settingDimensions.filter((dimension) => used.has(dimension)), size: enabled.length };
}

/** The rules of a generation, in steps. */
export function* compilingSettings(rules: Iterable<SettingRule>): Steps<SettingRules> {
  return new SettingRules([], yield* compiling(rules));
}

/** The rules of one generation. */
export class SettingRules {
  readonly #rules: Compiled;
  readonly #resolved = new Map<string, ResolvedSettings>();

  constructor(rules: readonly SettingRule[], compiled = atOnce(compiling(rules))) {
    this.#rules = compiled;
  }

  /** There is no rule: the defaults hold everywhere. */
  get none(): boolean {
    return this.#rules.size === 0;
  }

  /** The settings that hold in this context. The same object for equal contexts of a generation. */
  resolve(context: SettingContext): ResolvedSettings {
    if (this.none) return noRules;
    const key = this.#rules.used.map((dimension) => context[dimension] ?? '').join('\0');
    const known = this.#resolved.get(key);
    if (known) return known;
    if (this.#resolved.size >= maxResolved) this.#resolved.clear();
    const resolved = this.#resolve(context);
    this.#resolved.set(key, resolved);
    return resolved;
  }

  #resolve(context: SettingContext): ResolvedSettings {
    const { everywhere, under, used } = this.#rules;
    const candidates = [...everywhere];
    for (const [dimension, byValue] of under) candidates.push(...(byValue.get(context[dimension] ?? '') ?? []));
    const matching = candidates.filter(({ rule: { where } }) =>
      used.every((dimension) => where[dimension] === undefined || where[dimension] === context[dimension]),
    );
    matching.sort((a, b) => a.place - b.place);
    const values = Object.assign({}, defaultDeliverySettings, ...matching.map(({ rule }) => rule.values)) as DeliverySettings;
    const origins = Object.assign(
      {},
      noOrigins,
      ...matching.map(({ rule }) => Object.fromEntries(Object.keys(rule.values).map((key) => [key, rule.id]))),
    ) as SettingOrigins;
    return { values, origins };
  }
}
