// What an input of the access tests is made of.
import type { As } from './control.ts';
import type { TenantThings, World } from './world.ts';

/** An input about the tenant's things, or the installation's, as this caller could give it. */
export type Question = (world: World, of: TenantThings, caller: As) => unknown;

export const reason = 'access test';

let counter = 0;
/** Another number at each call. */
export const next = (): number => (counter += 1);
export const fresh = (prefix: string): string => `${prefix}-${next()}`;
