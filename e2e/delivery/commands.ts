// Sluice's commands as an operator types them: starts that are meant to fail or to be killed before they are ready, and the command line.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stopProcess, type Ports } from '@sluice/bench/installation';

const root = fileURLToPath(new URL('../..', import.meta.url));
const commandLimitMs = 60_000;

export type Ended = { code: number | null; stdout: string; stderr: string };
export type Launched = {
  child: ChildProcess;
  /** Both streams so far. */
  output(): string;
  /** Resolves as soon as the output holds `text`; rejects when it ends without. */
  said(text: string): Promise<void>;
  ended: Promise<Ended>;
};

/** An installation without an owner's name: it asks for one by a link. */
export function settingsOf(dataDir: string, ports: Ports): Record<string, string> {
  return {
    SLUICE_DATA_DIR: dataDir,
    SLUICE_CONSOLE_PORT: String(ports.console),
    SLUICE_SMTP_PORT: String(ports.smtp),
    SLUICE_ENGINE_HTTP_PORT: String(ports.engineHttp),
    SLUICE_POSTGRES_PORT: String(ports.postgres),
  };
}

/** Starts `run.mjs` with these arguments and does not wait. */
export function launch(args: readonly string[], env: Record<string, string>): Launched {
  const child = spawn(process.execPath, ['run.mjs', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => (stdout.includes(text) ? resolve() : undefined);
      child.stdout.on('data', look);
      void ended.then(() => reject(new Error(`it ended without saying "${text}":\n${stdout}${stderr}`)));
      look();
    });
  return { child, output: () => stdout + stderr, said, ended };
}

/** Runs a command to its end; one that does not end in a minute is stopped and told. */
export async function run(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const { child, ended, output } = launch(args, env);
  const inVain = new Promise<null>((resolve) => setTimeout(() => resolve(null), commandLimitMs).unref());
  const result = await Promise.race([ended, inVain]);
  if (result !== null) return result;
  await stopProcess(child);
  throw new Error(`run.mjs ${args.join(' ')} did not end:\n${output()}`);
}

export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
