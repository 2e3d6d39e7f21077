// Operator accounts.
import { z } from 'zod';
import { id } from '../names.ts';
import { role, type Role } from './roles.ts';
import { sessionView } from './own-account.ts';
import { password } from './session.ts';

const userId = z.string().min(1).max(100);
const reason = z.string().trim().min(3).max(500);
const acted = z.object({ id: z.string(), sessionsEnded: z.number().int() });

export const userView = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  tenantId: id.nullable(),
  /** The grant for personal data. Owners and Admins have it always. */
  personalData: z.boolean(),
  disabled: z.boolean(),
  /** Since when a code is asked for at sign-in. */
  secondFactorAt: z.iso.datetime().nullable(),
  /** From when on nothing else works without one; null: the role needs none. */
  secondFactorDueAt: z.iso.datetime().nullable(),
  /** How often the account is signed in now. */
  sessions: z.number().int(),
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
/** Ends every session of the account. */
export const usersSetRole = {
  input: z.strictObject({ id: userId, role, tenantId: id.nullable().default(null), reason }).refine(clientIsBound, unboundClient),
  output: acted,
};
/** A disabled account signs in nowhere, and its sessions end at once. */
export const usersSetDisabled = { input: z.strictObject({ id: userId, disabled: z.boolean(), reason }), output: acted };
/** For who has lost the app and the recovery codes. Ends every session of the account. */
export const usersResetSecondFactor = { input: z.strictObject({ email: z.email().max(254), reason }), output: acted };
export const usersSessions = { input: z.strictObject({ userId }), output: z.array(sessionView) };
/** `sessionId` null: all of the account. */
export const usersRevokeSession = {
  input: z.strictObject({ userId, sessionId: z.string().min(1).max(100).nullable(), reason }),
  output: z.object({ ended: z.number().int() }),
};
/** Days from getting a role to when it needs its second factor; 0: at once. */
const policy = { secondFactorGraceDays: z.number().int().min(0).max(365) };
export const usersPolicy = { output: z.object(policy) };
export const usersSetPolicy = { input: z.strictObject({ ...policy, reason }), output: z.object(policy) };
