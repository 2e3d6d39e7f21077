// The kinds of access that procedures declare, by the words in which the router uses them.
import type { Access } from './access.ts';

/** Any operator; a tenant-bound one meets only its own tenant's rows. */
export const read = { roles: ['owner', 'analyst'], tenant: 'scoped', audit: 'none' } as const satisfies Access;
/** Any operator who is not bound to a tenant. */
export const readAll = { roles: ['owner', 'analyst'], tenant: 'installation-wide', audit: 'none' } as const satisfies Access;
/** An Owner, also of one tenant, looking before a change. */
export const ownerRead = { roles: ['owner'], tenant: 'scoped', audit: 'none' } as const satisfies Access;
/** An Owner who is not bound to a tenant, looking. */
export const ownerReadAll = { roles: ['owner'], tenant: 'installation-wide', audit: 'none' } as const satisfies Access;
/** An Owner, also of one tenant: changes that reach no further than that tenant. */
export const write = { roles: ['owner'], tenant: 'scoped', audit: 'entry' } as const satisfies Access;
/** An Owner who is not bound to a tenant. */
export const writeAll = { roles: ['owner'], tenant: 'installation-wide', audit: 'entry' } as const satisfies Access;
export const anyone = { roles: 'public', tenant: 'public', audit: 'none' } as const satisfies Access;
export const anyoneOnce = { roles: 'public', tenant: 'public', audit: 'entry' } as const satisfies Access;
