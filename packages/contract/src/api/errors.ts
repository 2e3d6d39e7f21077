// Every way in which a call can be refused, in one table: `data.code` says what kind of refusal it is, `data.reason` which of several a
// caller must tell apart. Both are stable: a word is never given another meaning, and one is taken away only as a breaking change. The
// message is for people and may change. docs/api.md shows both tables; a test holds them together.
import { z } from 'zod';

/** `again`: whether the same call may succeed later without anything being changed by the caller. */
export interface CodeEntry {
  readonly status: number;
  readonly means: string;
  readonly again: 'no' | 'later' | 'once';
}

export const errorCodes = {
  BAD_REQUEST: { status: 400, means: 'the input is not what the procedure takes', again: 'no' },
  UNAUTHORIZED: { status: 401, means: 'no session, key or token that holds', again: 'no' },
  FORBIDDEN: { status: 403, means: 'known who asks, and not allowed', again: 'no' },
  NOT_FOUND: { status: 404, means: 'there is no such thing, or it is not yours to see', again: 'no' },
  METHOD_NOT_SUPPORTED: { status: 405, means: 'queries are GET, changes are POST', again: 'no' },
  CONFLICT: { status: 409, means: 'what is there does not go with what was asked', again: 'no' },
  PRECONDITION_FAILED: { status: 412, means: 'something has to be done first', again: 'no' },
  PAYLOAD_TOO_LARGE: { status: 413, means: 'the input is longer than is taken', again: 'no' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, means: 'input is sent as application/json', again: 'no' },
  TOO_MANY_REQUESTS: { status: 429, means: 'too many calls; Retry-After says for how many seconds to wait', again: 'later' },
  INTERNAL_SERVER_ERROR: { status: 500, means: 'a fault of ours; the log has it under the request id', again: 'once' },
  SERVICE_UNAVAILABLE: { status: 503, means: 'the database does not answer now', again: 'later' },
} as const satisfies Readonly<Record<string, CodeEntry>>;
export type ErrorCode = keyof typeof errorCodes;

export interface ReasonEntry {
  readonly code: ErrorCode;
  readonly means: string;
}

export const errorReasons = {
  invalid_input: { code: 'BAD_REQUEST', means: 'the input does not read by its schema; `data.issues` names the fields' },
  unreadable_input: { code: 'BAD_REQUEST', means: 'the input is not JSON, or too many calls were put into one request' },
  foreign_origin: { code: 'FORBIDDEN', means: 'a session cookie was sent from a page that is not of this console' },
  role: { code: 'FORBIDDEN', means: 'the role, or the scope of the key, does not allow this procedure' },
  confirm: { code: 'PRECONDITION_FAILED', means: 'show again who you are with `session.confirm`, then make the same call' },
  enrol: { code: 'FORBIDDEN', means: 'the role needs a second factor and its time is over; set one up first' },
  wrong_secret: { code: 'FORBIDDEN', means: 'the password or code that was given to show who you are is wrong, or was used before' },
  weak_password: { code: 'BAD_REQUEST', means: 'the password is one of the first that anyone would try, or little more than the name' },
  idempotency_key_reused: { code: 'CONFLICT', means: 'the Idempotency-Key stood for another request in the last day' },
  idempotency_answer_not_kept: {
    code: 'CONFLICT',
    means: 'this was done already under its Idempotency-Key; the answer cannot be shown again',
  },
  name_taken: { code: 'CONFLICT', means: 'another entity already has this name or address' },
  gone: { code: 'CONFLICT', means: 'something that the input refers to no longer exists' },
  concurrent_change: { code: 'CONFLICT', means: 'another change was made at the same time; the same call may be made again' },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
export type ErrorReason = keyof typeof errorReasons;

const words = <T extends object>(table: T) => Object.keys(table) as [keyof T & string, ...(keyof T & string)[]];
export const errorCode = z.enum(words(errorCodes));
export const errorReason = z.enum(words(errorReasons));

/** At most so many fields are named in one refusal. */
export const maxIssues = 20;
export const errorData = z.object({
  code: errorCode,
  httpStatus: z.number().int(),
  /** The procedure; null where the call did not come as far. */
  path: z.string().nullable(),
  /** Under which the log has it. */
  requestId: z.string().nullable(),
  reason: errorReason.nullable(),
  /** The fields that do not read, in their order. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type ErrorData = z.infer<typeof errorData>;
/** What every refusal looks like on the wire; `error.code` is JSON-RPC's number for the same. */
export const errorBody = z.object({ error: z.object({ message: z.string(), code: z.number().int(), data: errorData }) });
export type ErrorBody = z.infer<typeof errorBody>;
