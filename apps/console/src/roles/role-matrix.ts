// The access of all procedures by area and role: what the first segment of a path is about, and which of reading, acting and changing
// each role has there.
import { ranks, roles, type ProcedureAsks, type Role } from '@sluice/contract/api';

/** Areas whose path does not read well as it is. */
const areaNames: Readonly<Record<string, string>> = {
  warmUps: 'Warm-up',
  settings: 'Delivery settings',
  selectors: 'DKIM selectors',
  domains: 'Sending domains',
  credentials: 'SMTP credentials',
  relays: 'Relay networks',
  session: 'Own session',
  setup: 'Set-up',
  live: 'Live figures',
  pools: 'IP pools',
};

/** `apiKeys` becomes `Api keys`. */
export function areaName(area: string): string {
  const named = areaNames[area];
  if (named !== undefined) return named;
  const words = area.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const verbs = ['read', 'act', 'write'] as const;
export const verbWords = { read: 'reads', act: 'acts', write: 'changes' } as const;

export interface Area {
  readonly area: string;
  readonly procedures: readonly ProcedureAsks[];
  /** In words, such as `reads, acts, some changes`; empty: nothing. */
  readonly may: Readonly<Record<Role, string>>;
}

const mayCall = (role: Role, { role: lowest }: ProcedureAsks): boolean => lowest === null || ranks[role] >= ranks[lowest];

function inWords(role: Role, procedures: readonly ProcedureAsks[]): string {
  const parts = verbs.flatMap((verb) => {
    const all = procedures.filter((procedure) => procedure.verb === verb);
    const may = all.filter((procedure) => mayCall(role, procedure)).length;
    if (may === 0) return [];
    return [may === all.length ? verbWords[verb] : `some ${verbWords[verb]}`];
  });
  return parts.join(', ');
}

/** In the order in which areas are declared. */
export function areasOf(procedures: readonly ProcedureAsks[]): Area[] {
  const byArea = Map.groupBy(procedures, ({ path }) => path.split('.', 1)[0] ?? path);
  return [...byArea].map(([area, its]) => {
    const may = Object.fromEntries(roles.map((role) => [role, inWords(role, its)])) as Record<Role, string>;
    return { area, procedures: its, may };
  });
}
