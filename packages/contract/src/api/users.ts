// Operator accounts.
import { z } from 'zod';
import { id } from '../names.ts';
import { role, type Role } from './roles.ts';
import { password } from './session.ts';

export const userView = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  tenantId: id.nullable(),
  /** The grant for personal data. Owners and Admins have it always. */
  personalData: z.boolean(),
  disabled: z.boolean(),
  createdAt: z.iso.datetime(),
});
export const usersList = { output: z.array(userView) };
/** A Client belongs to a tenant: it is refused without one. */
export const clientIsBound = (account: { role: Role; tenantId: string | null }): boolean =>
  account.role !== 'client' || account.tenantId !== null;
export const unboundClient = { message: 'a Client belongs to a tenant; name it', path: ['tenantId'] };
export const usersCreate = {
  input: z
    .strictObject({
      name: z.string().trim().min(1).max(80),
      email: z.email().max(254),
      password,
      role,
      tenantId: id.nullable().default(null),
      personalData: z.boolean().default(false),
    })
    .refine(clientIsBound, unboundClient),
  output: z.object({ id: z.string() }),
};
/** Gives or takes the grant for personal data. */
export const usersSetGrants = {
  input: z.strictObject({ id: z.string().min(1).max(100), personalData: z.boolean(), reason: z.string().trim().min(3).max(500) }),
  output: z.object({ id: z.string() }),
};
/** Ends every session of the account. */
export const usersResetPassword = {
  input: z.strictObject({ email: z.email().max(254), password, reason: z.string().trim().min(3).max(500) }),
  output: z.object({ id: z.string(), sessionsEnded: z.number().int() }),
};
