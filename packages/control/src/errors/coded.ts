// From whatever a procedure threw to the one refusal that leaves the control plane: coded by the contract's table, generic where the
// cause may hold anything. A code of tRPC that the table does not have becomes one that it has, so that callers meet no other.
import { TRPCError } from '@trpc/server';
import { maxIssues, type ErrorCode, type ErrorData, type ErrorReason } from '@sluice/contract/api';
import { Prisma } from '@sluice/db';
import { ZodError } from 'zod';
import { Refusal } from '../refusal.ts';

/** Two requests raced for one name, or one removed what the other refers to: the constraint of the database decides. */
const conflicts: Readonly<Record<string, { reason: ErrorReason; message: string }>> = {
  P2002: { reason: 'name_taken', message: 'another entity already has this name or address' },
  P2003: { reason: 'gone', message: 'something it refers to no longer exists' },
  P2025: { reason: 'gone', message: 'something it refers to no longer exists' },
  P2034: { reason: 'concurrent_change', message: 'another change was made at the same time; try again' },
};
/** Postgres is away, closed the connection, or let no transaction begin or end in time. */
const awayCodes: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
const awayKinds: ReadonlySet<string> = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'TooManyConnections', 'SocketTimeout']);
/** Connection exceptions, too many connections, shutting down. PostgreSQL, appendix A */
const awayStates = /^(?:08|53300|57P0)/;
const awayMessage = 'the database does not answer now; try again';

/** The code by which each of tRPC's own leaves. Complete: a code that a later version adds does not compile without an answer here. */
const documented: Readonly<Record<TRPCError['code'], ErrorCode>> = {
  PARSE_ERROR: 'BAD_REQUEST',
  BAD_REQUEST: 'BAD_REQUEST',
  UNPROCESSABLE_CONTENT: 'BAD_REQUEST',
  CLIENT_CLOSED_REQUEST: 'BAD_REQUEST',
  UNAUTHORIZED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  PAYMENT_REQUIRED: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'METHOD_NOT_SUPPORTED',
  CONFLICT: 'CONFLICT',
  PRECONDITION_FAILED: 'PRECONDITION_FAILED',
  PRECONDITION_REQUIRED: 'PRECONDITION_FAILED',
  PAYLOAD_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  TIMEOUT: 'SERVICE_UNAVAILABLE',
  SERVICE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  BAD_GATEWAY: 'SERVICE_UNAVAILABLE',
  GATEWAY_TIMEOUT: 'SERVICE_UNAVAILABLE',
  NOT_IMPLEMENTED: 'INTERNAL_SERVER_ERROR',
  INTERNAL_SERVER_ERROR: 'INTERNAL_SERVER_ERROR',
};

/** The expected refusal behind an error of a use case or of the database; the error itself when there is none. */
export function coded(error: TRPCError): TRPCError {
  const { cause } = error;
  if (cause instanceof Refusal) return new TRPCError({ code: cause.code, message: cause.message, cause });
  if (cause instanceof Prisma.PrismaClientKnownRequestError) {
    const conflict = conflicts[cause.code];
    if (conflict !== undefined) return coded(asTrpc(new Refusal('CONFLICT', conflict.message, conflict.reason)));
  }
  return isAway(cause) ? new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: awayMessage, cause }) : error;
}

/** Whether it is the database that failed us, by any of the ways in which its driver says so. */
function isAway(cause: unknown): boolean {
  if (cause instanceof Prisma.PrismaClientInitializationError) return true;
  if (!(cause instanceof Prisma.PrismaClientKnownRequestError)) return false;
  if (awayCodes.has(cause.code)) return true;
  // A statement of our own text fails as one code for all; what it was stands in what the driver said.
  const { driverAdapterError } = (cause.meta ?? {}) as { driverAdapterError?: { cause?: { kind?: string; originalCode?: string } } };
  const { kind = '', originalCode = '' } = driverAdapterError?.cause ?? {};
  return awayKinds.has(kind) || awayStates.test(originalCode);
}

/** What could not even be asked for, such as who it is that asks: coded like everything else. */
export const codedFailure = (error: unknown): TRPCError => coded(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: error }));

const asTrpc = (refusal: Refusal): TRPCError => new TRPCError({ code: refusal.code, message: refusal.message, cause: refusal });

function issuesOf(cause: ZodError): NonNullable<ErrorData['issues']> {
  return cause.issues.slice(0, maxIssues).map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
}

/** What is said to the caller. An unforeseen error may hold anything, so its own text stays in the log. */
export function publicMessage(error: TRPCError, requestId: string | undefined): string {
  if (error.code === 'INTERNAL_SERVER_ERROR') return `internal error; the log has it under request ${requestId ?? 'unknown'}`;
  if (error.code === 'PARSE_ERROR') return 'the input is not JSON';
  if (error.cause instanceof ZodError)
    return issuesOf(error.cause)
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
      .join('; ');
  return error.message;
}

function reasonOf(error: TRPCError): ErrorReason | null {
  if (error.cause instanceof Refusal) return error.cause.reason;
  if (error.cause instanceof ZodError && error.code === 'BAD_REQUEST') return 'invalid_input';
  return documented[error.code] === 'BAD_REQUEST' ? 'unreadable_input' : null;
}

/** `data` of the answer. */
export function publicData(error: TRPCError, httpStatus: number, path: string | undefined, requestId: string | undefined): ErrorData {
  const invalid = error.cause instanceof ZodError && error.code === 'BAD_REQUEST' ? { issues: issuesOf(error.cause) } : {};
  const said = { path: path ?? null, requestId: requestId ?? null, reason: reasonOf(error), ...invalid };
  return { code: documented[error.code], httpStatus, ...said };
}
