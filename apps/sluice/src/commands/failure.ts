// What a command threw as the line that it ends with, its exit code and, with `--json`, one JSON object on standard error.
import { refusalOf } from '@sluice/client';
import { CommanderError } from 'commander';
import { CommandFailure, exitCodeOf, exitCodes, printable } from './outcome.ts';

export interface Failure {
  /** Null: commander has said it already. */
  readonly line: string | null;
  readonly code: number;
  /** What the API answered, where it did. */
  readonly refusal: ReturnType<typeof refusalOf>;
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'UND_ERR_CONNECT_TIMEOUT',
  'EAI_AGAIN',
]);

/** Whether anything in the chain of causes says that nobody was there. */
function nobodyThere(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string' && unreachable.has(at.code)) return true;
    if (at instanceof AggregateError && at.errors.some(nobodyThere)) return true;
    if (at.name === 'TimeoutError') return true;
  }
  return false;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CommandFailure) return { line: error.message, code: error.exitCode, refusal: null };
  if (error instanceof CommanderError) return { line: null, code: error.exitCode === 0 ? exitCodes.done : exitCodes.usage, refusal: null };
  const refusal = refusalOf(error);
  if (refusal !== null) return { line: printable(refusal.message), code: exitCodeOf[refusal.code], refusal };
  const text = printable(error instanceof Error ? error.message : String(error));
  if (nobodyThere(error)) return { line: `nobody answers there (${text})`, code: exitCodes.notRunning, refusal };
  return { line: text, code: exitCodes.failed, refusal };
}

export function failureText({ line, code, refusal }: Failure, asJson: boolean): string | null {
  if (!asJson) return line;
  const { code: apiCode = null, reason = null, requestId = null } = refusal ?? {};
  return JSON.stringify({ error: { message: line ?? 'wrong usage', code: apiCode, reason, requestId }, exitCode: code });
}
