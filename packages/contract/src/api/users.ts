// Operator accounts.
import { z } from 'zod';
import { id } from '../names.ts';
import { password, role } from './session.ts';

export const userView = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  tenantId: id.nullable(),
  disabled: z.boolean(),
  createdAt: z.iso.datetime(),
});
export const usersList = { output: z.array(userView) };
export const usersCreate = {
  input: z.strictObject({
    name: z.string().trim().min(1).max(80),
    email: z.email().max(254),
    password,
    role,
    tenantId: id.nullable().default(null),
  }),
  output: z.object({ id: z.string() }),
};
/** Ends every session of the account. */
export const usersResetPassword = {
  input: z.strictObject({ email: z.email().max(254), password, reason: z.string().trim().min(3).max(500) }),
  output: z.object({ id: z.string(), sessionsEnded: z.number().int() }),
};
