// One process of the drill as the drill sees it: asked in lines of JSON, and stopped by signal while the other is measured, so that each has
// the machine for itself without starting anew.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The flags of the engine's process. */
const flags = ['--max-semi-space-size=64', '--single-threaded-gc'];

export type Side = {
  /** Its answer to one task; only one is asked at a time. */
  ask<T>(task: object): Promise<T>;
  pause(): void;
  goOn(): void;
  /** Ends it, however it stands. */
  end(): void;
};

/** Starts `program`, a file of this folder. */
export function startSide(program: string): Side {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [...flags, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<never>((_, reject) =>
    child.once('close', (code) => reject(new Error(`${program} ended with ${String(code)} before it answered`))),
  );
  ended.catch(() => undefined);
  return {
    async ask<T>(task: object): Promise<T> {
      const answer = new Promise<string>((resolve) => lines.once('line', resolve));
      child.stdin.write(`${JSON.stringify(task)}\n`);
      const line = await Promise.race([answer, ended]);
      process.stderr.write(`${JSON.stringify(task)}: ${line}\n`);
      return JSON.parse(line) as T;
    },
    pause: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    end: () => void child.kill('SIGKILL'),
  };
}
