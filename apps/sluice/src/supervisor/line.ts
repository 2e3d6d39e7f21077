// The other end of a part: how a process of this workspace hears from the supervisor. Lines come in on stdin; its end means that the
// supervisor is gone or wants us gone. What we have to tell goes out as one JSON line on descriptor 3.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const reportDescriptor = 3;

/** A supervisor that is gone hears nothing; its part must live to end in order, hence that is no error here. */
export function reportToSupervisor(value: unknown): void {
  try {
    writeSync(reportDescriptor, `${JSON.stringify(value)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

export type Orders = {
  onLine?: (line: string) => void;
  /** Called once; `asked` is false when the supervisor vanished without a word. */
  onEnd: (asked: boolean) => void;
};

export const stopOrder = 'stop';

export function followSupervisor(orders: Orders): void {
  let asked = false;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    orders.onEnd(asked);
  };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line === stopOrder) asked = true;
    else orders.onLine?.(line);
  });
  lines.on('close', end);
  process.on('SIGTERM', () => {
    asked = true;
    end();
  });
  // A Ctrl-C in the terminal is the supervisor's business.
  process.on('SIGINT', () => undefined);
}
