// The two ways in which this process is told to end: a signal, or the closing of the pipe on its standard input, which means that the
// supervisor is gone. Run by hand or by an init system, standard input is a terminal or /dev/null and says nothing.
import { fstatSync } from 'node:fs';

export type EndReason = { why: string; graceMs: number };

/** Time for sent dots to get their reply when we are asked to end. */
const signalGraceMs = 30_000;
/** The supervisor ends, or is gone: it, or its successor, wants the ports back soon. */
const supervisorGraceMs = 9_000;

/** Resolves with the first reason to end; a second signal ends the process at once. */
export function untilEnd(): Promise<EndReason> {
  return new Promise((resolve) => {
    const asked = (signal: NodeJS.Signals) => {
      resolve({ why: signal, graceMs: signalGraceMs });
      process.once(signal, () => process.exit(1));
    };
    process.once('SIGTERM', asked);
    process.once('SIGINT', asked);
    if (!isPipe(0)) return;
    const closed = () => resolve({ why: 'the supervisor closed its pipe', graceMs: supervisorGraceMs });
    process.stdin.on('end', closed).on('close', closed).on('error', closed).resume();
  });
}

function isPipe(handle: number): boolean {
  try {
    const facts = fstatSync(handle);
    return facts.isFIFO() || facts.isSocket();
  } catch {
    return false;
  }
}
