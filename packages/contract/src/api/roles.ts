// What each role is for, in words, in one table: the screens, the documentation and the errors that name a role read it here. Which
// procedure asks for which role is declared beside the procedure; a higher role may all that a lower one may.
import { z } from 'zod';

/** From the highest to the lowest. */
export const roles = ['owner', 'admin', 'engineer', 'operator', 'analyst', 'client'] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

/** The higher, the more it may. */
export const ranks: Readonly<Record<Role, number>> = { owner: 5, admin: 4, engineer: 3, operator: 2, analyst: 1, client: 0 };

export interface RoleInWords {
  readonly name: string;
  /** Who has it. */
  readonly for: string;
  /** What it adds to the role below it. */
  readonly adds: string;
  /** What it may not, though the role above it may. */
  readonly not: string;
}

export const roleTable: Readonly<Record<Role, RoleInWords>> = {
  owner: {
    name: 'Owner',
    for: 'Whoever answers for the installation.',
    adds: 'Makes, changes and resets Owners; keeps the key under which secrets are sealed.',
    not: '',
  },
  admin: {
    name: 'Admin',
    for: 'Whoever manages people and their access.',
    adds: 'Accounts and API keys; ends mail for good (cancel, return to sender); exports the audit record. Always sees personal data.',
    not: 'Touches no Owner and no sealing key.',
  },
  engineer: {
    name: 'Engineer',
    for: 'Whoever designs how mail is sent.',
    adds: 'All configuration: sources, pools, warm-up plans, limits, providers, settings, routes, automation, tenants, streams, domains, DKIM keys, credentials; rolls it back.',
    not: 'Manages no accounts and ends no mail for good.',
  },
  operator: {
    name: 'Operator',
    for: 'Whoever is on duty.',
    adds: 'Acts now: holds and resumes mail, retries it, drains a node, switches a source off and on, pauses a warm-up, traces connections, ends what automation does.',
    not: 'Designs no configuration.',
  },
  analyst: {
    name: 'Analyst',
    for: 'Whoever watches and reports.',
    adds: 'Reads everything: queues, sources, limits, decisions, configuration, audit.',
    not: 'Changes nothing.',
  },
  client: {
    name: 'Client',
    for: 'A customer whose mail is sent; always bound to one tenant.',
    adds: 'Reads its own messages and its own figures.',
    not: 'Sees nothing of how the installation sends.',
  },
};

/** What a procedure asks of its caller, as everyone may read it. */
export const procedureAsks = z.object({
  path: z.string(),
  verb: z.enum(['read', 'write', 'act']),
  /** The lowest role that may; null: nobody needs to be signed in. */
  role: role.nullable(),
  /** Also for those who are bound to a tenant. */
  bound: z.boolean(),
  /** Asks whoever is signed in to show again who they are. */
  stepUp: z.boolean(),
});
export type ProcedureAsks = z.infer<typeof procedureAsks>;
export const rolesList = { output: z.object({ procedures: z.array(procedureAsks) }) };

/** `Owner`, `Admin` ... */
export const roleName = (of: Role): string => roleTable[of].name;
