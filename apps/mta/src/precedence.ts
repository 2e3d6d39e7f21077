// The engine's thread goes before the other threads of its process, which compute signatures, write and compile: what they do can wait, and
// everything else waits for it. On two busy cores it stood in line for 30 to 90 ms at a time (ADR 0032).
import { getPriority, setPriority } from 'node:os';

const engineNiceness = -5;

/**
 * Raises the priority of the calling thread (of the process where threads have none of their own), unless whoever started the process gave
 * it a niceness. Threads that are started later inherit it, so this comes after them. Returns the niceness that holds: 0 where it may not be
 * raised (CAP_SYS_NICE on Linux).
 */
export function takePrecedence(): number {
  const given = getPriority();
  if (given !== 0) return given;
  try {
    setPriority(engineNiceness);
    return engineNiceness;
  } catch {
    return given;
  }
}
