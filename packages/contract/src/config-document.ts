// The sections of the configuration as text. One section for each kind of entity, by the word under which the API knows it; within a
// section entities are named by what identifies them to people and stays the same: a name, a key, a domain, a network. The text holds no
// id but those of secrets, so that it can be put on another installation, where everything has other ids.
import type { EntityKind } from './entities.ts';

/** Section -> kind of its entities. The order is that of the text: what is referred to stands before what refers to it. */
export const sectionKinds = {
  providers: 'provider',
  sources: 'source',
  pools: 'pool',
  tenants: 'tenant',
  streams: 'stream',
  domains: 'domain',
  selectors: 'dkim_key',
  credentials: 'credential',
  relays: 'relay',
  routes: 'route',
  limits: 'limit',
  settings: 'setting',
  warmUps: 'warm_up',
  automations: 'automation',
} as const satisfies Record<string, EntityKind>;

export type ConfigSection = keyof typeof sectionKinds;
export const configSections = Object.keys(sectionKinds) as ConfigSection[];

const sectionsByKind = new Map<string, ConfigSection>(configSections.map((section) => [sectionKinds[section], section]));

/** The section of a kind; every kind has one. */
export function sectionOf(kind: EntityKind): ConfigSection {
  const section = sectionsByKind.get(kind);
  if (section === undefined) throw new Error(`entities of kind ${kind} have no section`);
  return section;
}

/** Format of the text; a text that states another is refused. */
export const configFormat = 1;
/** Characters of a text that is applied; a larger installation applies section by section. */
export const maxConfigText = 4 * 1024 * 1024;
/** Entities that one revision changes at most when it comes from a text, a roll back or a list. */
export const maxChangesPerRevision = 2_000;
