// What a call was refused for, read from tRPC's error: a code and, where there is one, a reason of the contract's table.
import { TRPCClientError } from '@trpc/client';
import { errorCodes, type ErrorCode, type ErrorData, type ErrorReason } from '@sluice/contract/api';

export interface Refused {
  readonly code: ErrorCode;
  /** A word of the table, or one that a newer server has. */
  readonly reason: ErrorReason | (string & {}) | null;
  /** For people. */
  readonly message: string;
  readonly requestId: string | null;
  readonly issues: NonNullable<ErrorData['issues']>;
}

const known = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(errorCodes, code);

/** Null: no answer of the API, so nothing is known about whether it was done. */
export function refusalOf(error: unknown): Refused | null {
  if (!(error instanceof TRPCClientError)) return null;
  const data = error.data as Partial<ErrorData> | null | undefined;
  if (!data || !known(data.code)) return null;
  return {
    code: data.code,
    reason: data.reason ?? null,
    message: error.message,
    requestId: data.requestId ?? null,
    issues: data.issues ?? [],
  };
}

/** Whether a call was refused with this code, and with this reason where one is asked for. */
export function isRefusal(error: unknown, code: ErrorCode, reason?: ErrorReason): boolean {
  const refused = refusalOf(error);
  return refused?.code === code && (reason === undefined || refused.reason === reason);
}
