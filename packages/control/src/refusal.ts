// An expected failure of a use case. Thrown, not returned, because it must also undo the transaction it happened in; turned into the
// API's coded error in one place (procedure.ts). The message goes to the operator: it names what the operator named, nothing of others.
import type { ErrorReason } from '@sluice/contract/api';

export type RefusalCode = 'BAD_REQUEST' | 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN' | 'PRECONDITION_FAILED' | 'TOO_MANY_REQUESTS';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** Where callers must tell cases of one code apart: a word of the contract's table. */
  readonly reason: ErrorReason | null;

  constructor(code: RefusalCode, message: string, reason: ErrorReason | null = null) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** Guesses are slowed down: worth trying again after so many seconds. */
export class TooManyAttempts extends Refusal {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('TOO_MANY_REQUESTS', `too many attempts; try again in ${retryAfterSeconds} seconds`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const notFound = (what: string): Refusal => new Refusal('NOT_FOUND', `${what} not found`);

/** The row, or NOT_FOUND: rows of other tenants are not there either, and must not be told apart. */
export function found<T>(row: T | null | undefined, what: string): T {
  if (row === null || row === undefined) throw notFound(what);
  return row;
}
