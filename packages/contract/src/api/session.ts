// Who is asking, and where: the first call of every client. Setting up the first Owner is here too: it is how a session begins to exist.
import { z } from 'zod';
import { id } from '../names.ts';
import { role } from './roles.ts';

export const password = z.string().min(12, 'a password has at least 12 characters').max(200);

export const sessionMe = {
  output: z.object({
    actor: z.object({
      kind: z.enum(['user', 'key', 'local']),
      id: z.string(),
      name: z.string(),
      email: z.string().nullable(),
      role,
      /** A tenant-bound operator sees that tenant only; null sees all. */
      tenantId: id.nullable(),
      /** Sees whole addresses of recipients, and what mail says. */
      personalData: z.boolean(),
    }),
    secondFactor: z.object({
      enrolledAt: z.iso.datetime().nullable(),
      /** From when on nothing else works without one; null: the role needs none. */
      dueAt: z.iso.datetime().nullable(),
      /** It is due and not there: only what leads to one works. */
      owed: z.boolean(),
    }),
    /** Paths of the procedures that this actor may call. Rows that are not theirs stay hidden all the same. */
    may: z.array(z.string()),
    egress: z.enum(['sandbox', 'internet']),
    version: z.string(),
    demo: z.boolean(),
  }),
};
export const setupStatus = { output: z.object({ needed: z.boolean() }) };
export const setupComplete = {
  input: z.strictObject({
    token: z.string().min(20).max(200),
    name: z.string().trim().min(1).max(80),
    email: z.email().max(254),
    password,
  }),
  output: z.object({ userId: z.string() }),
};
/** A fresh one-time link; only the local actor and an Owner may ask, and only while no Owner exists. */
export const setupIssueLink = { output: z.object({ url: z.string(), expiresAt: z.iso.datetime() }) };
