// Structured log of the engine process, one JSON object a line on standard output; the supervisor puts it into a file. Message contents,
// passwords and keys never get here: callers pass facts, and the redaction list is the second lock.
import { pino, type Logger } from 'pino';

export type Log = Logger;

export function createLog(node: string): Log {
  return pino({
    base: { node },
    redact: ['password', '*.password', 'key', '*.key', 'token', '*.token'],
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
