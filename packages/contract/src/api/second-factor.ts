// A second factor of one's own account: an authenticator app (RFC 6238), and recovery codes for the day it is lost.
import { z } from 'zod';

const recoveryCodes = z.array(z.string());

export const secondFactorStatus = {
  output: z.object({
    enrolledAt: z.iso.datetime().nullable(),
    /** From when on nothing else works without one; null: the role needs none. */
    dueAt: z.iso.datetime().nullable(),
    /** Recovery codes not used yet. */
    codesLeft: z.number().int(),
  }),
};
/** A key to put into an app; it holds from the first right code on. */
export const secondFactorBegin = {
  output: z.object({
    /** Base 32, as an app takes it. */
    key: z.string(),
    /** The same as an address, for a QR code. */
    uri: z.string(),
  }),
};
export const secondFactorEnable = {
  input: z.strictObject({ code: z.string().trim().min(6).max(20) }),
  /** Shown this once. */
  output: z.object({ recoveryCodes }),
};
export const secondFactorRemove = {
  input: z.strictObject({ reason: z.string().trim().min(3).max(500) }),
  output: z.object({ removed: z.literal(true) }),
};
/** Those before are worth nothing then. */
export const secondFactorRenewCodes = { output: z.object({ recoveryCodes }) };
