// One-time links by which people make accounts of their own.
import { z } from 'zod';
import { id } from '../names.ts';
import { role } from './roles.ts';
import { password } from './session.ts';
import { clientIsBound, unboundClient } from './users.ts';

const reason = z.string().trim().min(3).max(500);

export const invitationView = z.object({
  id,
  email: z.string(),
  role,
  tenantId: id.nullable(),
  personalData: z.boolean(),
  invitedBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: z.enum(['open', 'accepted', 'revoked', 'expired']),
});
/** Open ones, and those of the last 30 days. */
export const invitationsList = { output: z.array(invitationView) };
export const invitationsCreate = {
  input: z
    .strictObject({
      email: z.email().max(254),
      role,
      tenantId: id.nullable().default(null),
      personalData: z.boolean().default(false),
      reason,
    })
    .refine(clientIsBound, unboundClient),
  /** `url` is shown this once; it works once. */
  output: z.object({ id, url: z.string(), expiresAt: z.iso.datetime() }),
};
export const invitationsRevoke = { input: z.strictObject({ id, reason }), output: z.object({ id }) };
export const invitationsAccept = {
  input: z.strictObject({ token: z.string().min(20).max(200), name: z.string().trim().min(1).max(80), password }),
  /** With which to sign in. */
  output: z.object({ email: z.string() }),
};
