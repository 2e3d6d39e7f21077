// What people do with their own account: confirm who they are, see where they are signed in, change the password.
import { z } from 'zod';
import { password } from './session.ts';

export const sessionView = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  /** The peer's when it began. */
  address: z.string().nullable(),
  /** What the browser calls itself. */
  agent: z.string().nullable(),
  /** Began with a second factor. */
  secondFactor: z.boolean(),
  /** The one that asks. */
  current: z.boolean(),
});
const sessionId = z.string().min(1).max(100);
const ended = z.object({ ended: z.number().int() });

/** Some procedures ask for this when it was done more than ten minutes ago: PRECONDITION_FAILED with the reason `confirm`. */
export const sessionConfirm = {
  /** The password; for an account with a second factor a code of the app, or a recovery code. */
  input: z.strictObject({ secret: z.string().min(1).max(200) }),
  output: z.object({ confirmedUntil: z.iso.datetime() }),
};
export const sessionList = { output: z.array(sessionView) };
export const sessionRevoke = { input: z.strictObject({ sessionId }), output: ended };
/** All but the one that asks. */
export const sessionRevokeOthers = { output: ended };
export const sessionChangePassword = {
  input: z.strictObject({ current: z.string().min(1).max(200), next: password }),
  output: z.object({ sessionsEnded: z.number().int() }),
};
