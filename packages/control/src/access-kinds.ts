// The kinds of access that procedures declare, by the words in which the router uses them. A word says the lowest role and how far it
// reaches; words with `All` are not for operators who are bound to a tenant.
import type { Access } from './access.ts';

const reading = { audit: 'none', verb: 'read', stepUp: false } as const;
const writing = { audit: 'entry', verb: 'write', stepUp: false } as const;
const acting = { audit: 'entry', verb: 'act', stepUp: false } as const;

/** One's own account: everyone who is signed in, also while a second factor is owed. */
const ownAccount = { role: 'client', tenant: 'scoped', people: true, whileOwed: true } as const;
export const ownRead = { ...ownAccount, ...reading } as const satisfies Access;
export const ownWrite = { ...ownAccount, ...writing } as const satisfies Access;
/** The same, after showing again who one is. */
export const ownWriteConfirmed = { ...ownAccount, ...writing, stepUp: true } as const satisfies Access;
/** Who am I: also for this machine, and also while a second factor is owed. */
export const whoever = { role: 'client', tenant: 'scoped', ...reading, whileOwed: true } as const satisfies Access;
/** Also a Client: its own tenant's mail and figures. */
export const own = { role: 'client', tenant: 'scoped', ...reading } as const satisfies Access;
/** Analyst and above; a tenant-bound one meets only its own tenant's rows. */
export const read = { role: 'analyst', tenant: 'scoped', ...reading } as const satisfies Access;
export const readAll = { role: 'analyst', tenant: 'installation-wide', ...reading } as const satisfies Access;
/** Looking at what an act would touch. */
export const actRead = { role: 'operator', tenant: 'scoped', ...reading } as const satisfies Access;
/** Operator and above: hold, resume, retry, trace. Nothing is lost by it and no configuration is designed by it. */
export const act = { role: 'operator', tenant: 'scoped', ...acting } as const satisfies Access;
export const actAll = { role: 'operator', tenant: 'installation-wide', ...acting } as const satisfies Access;
/** Engineer and above: configuration that reaches no further than one tenant. */
export const write = { role: 'engineer', tenant: 'scoped', ...writing } as const satisfies Access;
/** Looking at what is one's own to make. */
export const engineerRead = { role: 'engineer', tenant: 'scoped', ...reading } as const satisfies Access;
/** Engineer and above, shown again who they are: what makes a secret. */
export const writeSecret = { role: 'engineer', tenant: 'scoped', ...writing, stepUp: true } as const satisfies Access;
export const engineerReadAll = { role: 'engineer', tenant: 'installation-wide', ...reading } as const satisfies Access;
export const writeAll = { role: 'engineer', tenant: 'installation-wide', ...writing } as const satisfies Access;
/** The same, shown again who they are: what others rely on is given up. */
export const writeAllConfirmed = { ...writeAll, stepUp: true } as const satisfies Access;
/** Admin and above, shown again who they are: mail is ended for good. */
export const purge = { role: 'admin', tenant: 'scoped', ...acting, stepUp: true } as const satisfies Access;
/** Admin and above: accounts and keys, looking. */
export const adminReadAll = { role: 'admin', tenant: 'installation-wide', ...reading } as const satisfies Access;
/** Admin and above, shown again who they are: accounts and keys. */
export const adminWriteAll = { role: 'admin', tenant: 'installation-wide', ...writing, stepUp: true } as const satisfies Access;
/** An Owner who is not bound to a tenant. */
export const ownerWriteAll = { role: 'owner', tenant: 'installation-wide', ...writing, stepUp: true } as const satisfies Access;
export const anyone = { role: 'public', tenant: 'public', ...reading } as const satisfies Access;
export const anyoneOnce = { role: 'public', tenant: 'public', ...writing } as const satisfies Access;
