// A refusal that is decided before tRPC sees the request, in the same form as those that it gives itself.
import { errorCodes, type ErrorBody, type ErrorCode, type ErrorReason } from '@sluice/contract/api';
import { jsonResponse } from '../http/json-response.ts';

/** JSON-RPC's number of each code, as tRPC answers it. */
const numbers: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: -32600,
  UNAUTHORIZED: -32001,
  FORBIDDEN: -32003,
  NOT_FOUND: -32004,
  METHOD_NOT_SUPPORTED: -32005,
  CONFLICT: -32009,
  PRECONDITION_FAILED: -32012,
  PAYLOAD_TOO_LARGE: -32013,
  UNSUPPORTED_MEDIA_TYPE: -32015,
  TOO_MANY_REQUESTS: -32029,
  INTERNAL_SERVER_ERROR: -32603,
  SERVICE_UNAVAILABLE: -32603,
};

export interface RefusedCall {
  readonly requestId: string;
  readonly path?: string;
  readonly reason?: ErrorReason;
  /** For TOO_MANY_REQUESTS: whole seconds. */
  readonly retryAfterSeconds?: number;
}

export function errorResponse(code: ErrorCode, message: string, call: RefusedCall): Response {
  const { status } = errorCodes[code];
  const { requestId, path = null, reason = null, retryAfterSeconds } = call;
  const body: ErrorBody = { error: { message, code: numbers[code], data: { code, httpStatus: status, path, requestId, reason } } };
  const response = jsonResponse(status, body);
  if (retryAfterSeconds !== undefined) response.headers.set('retry-after', String(retryAfterSeconds));
  return response;
}
