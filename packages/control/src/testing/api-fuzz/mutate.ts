// One thing wrong with a valid input: what clients send by mistake, and what somebody sends on purpose.
import { isObject, type Json, type JsonObject } from '../../openapi/json-schema.ts';
import type { Chance } from './random.ts';

const longText = 20_000;
const nesting = 200;

/** Built when asked for: some are large. */
const nasty: readonly ((chance: Chance) => Json)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0.5,
  () => 1e308,
  () => 2_147_483_648,
  () => 9_007_199_254_740_994,
  () => '',
  () => ' ',
  () => 'a\u0000b',
  () => '\ud800',
  () => '\u202e\u0007',
  () => "'; drop table audit_entry; --",
  () => '../../etc/passwd',
  () => '${jndi:ldap://x}',
  () => '%00%ff',
  () => 'x'.repeat(longText),
  () => '𝒳'.repeat(100),
  () => [],
  () => ({}),
  () => ({ toString: 1, constructor: { prototype: 1 } }),
  () => JSON.parse('{"__proto__":{"role":"owner"}}') as Json,
  () => Array.from({ length: 300 }, () => 1),
  () => Array.from({ length: nesting }).reduce<Json>((inner) => [inner], 1),
  (chance) => chance.uuid(),
  (chance) => chance.whole(-1_000_000, 1_000_000),
];

type Spot = { at: JsonObject | Json[]; key: string | number };

function spotsOf(value: Json): Spot[] {
  if (Array.isArray(value)) return value.flatMap((one, key) => [{ at: value, key }, ...spotsOf(one)]);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => [{ at: value, key }, ...spotsOf(one)]);
}

export function mutated(valid: Json, chance: Chance): Json {
  const copy = structuredClone(valid);
  const spots = spotsOf(copy);
  if (spots.length === 0 || chance.is(0.05)) return chance.pick(nasty)(chance);
  const { at, key } = chance.pick(spots);
  const how = chance.next();
  if (how < 0.15) {
    if (Array.isArray(at)) at.splice(Number(key), 1);
    else delete at[key];
  } else if (how < 0.25 && !Array.isArray(at))
    at[chance.pick(['unknown', 'tenant_id', 'constructor', 'ID', ''])] = chance.pick(nasty)(chance);
  else (at as Record<string | number, Json>)[key] = chance.pick(nasty)(chance);
  return copy;
}
