// An engine process on its own: no supervisor, no Postgres, configuration from its copy on disk, providers simulated by the drill. What
// a crash drill kills and starts again.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopProcess, until, type Installation } from '@sluice/bench/installation';
import type { MetricsFrame } from '@sluice/contract';
import type { Simulator } from '@sluice/isp-simulator';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startLimitMs = 60_000;

export type LoneEngine = { process: ChildProcess; frame(): Promise<MetricsFrame>; kill(): Promise<void>; stop(): Promise<number | null> };

export type EngineSite = Pick<Installation, 'dataDir' | 'ports' | 'engineUrl'>;

export type LoneEngineOptions = {
  /** Put before the command: strace, say. */
  wrapper?: string[];
  env?: Record<string, string>;
  /** False: wait only until it answers; with trouble on its disk it is not ready. */
  ready?: boolean;
};

/** Starts apps/mta over the installation's data folder. */
export async function startLoneEngine(
  at: EngineSite,
  sandbox: Pick<Simulator, 'dnsAddress' | 'smtpPort'>,
  { wrapper = [], env = {}, ready: needsReady = true }: LoneEngineOptions = {},
): Promise<LoneEngine> {
  const command = [...wrapper, process.execPath, join(root, 'apps/mta/src/main.ts')];
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: root,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {
      ...process.env,
      SLUICE_DATA_DIR: at.dataDir,
      SLUICE_SMTP_PORT: String(at.ports.smtp),
      SLUICE_ENGINE_HTTP_PORT: String(at.ports.engineHttp),
      SLUICE_KEY_FILE: join(at.dataDir, 'secrets', 'key'),
      SLUICE_DNS_SERVER: sandbox.dnsAddress,
      SLUICE_SANDBOX_SMTP_PORT: String(sandbox.smtpPort),
      SLUICE_EGRESS: 'sandbox',
      ...env,
    },
  });
  const ready = async () => {
    try {
      const { ok } = await fetch(`${at.engineUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
      return ok || !needsReady;
    } catch {
      return false;
    }
  };
  await until(ready, startLimitMs, () => (child.exitCode === null ? null : `the engine ended with ${child.exitCode}`));
  return {
    process: child,
    async frame() {
      const response = await fetch(`${at.engineUrl}/status`, { signal: AbortSignal.timeout(10_000) });
      return ((await response.json()) as { frame: MetricsFrame }).frame;
    },
    async kill() {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await ended;
    },
    stop: () => stopProcess(child),
  };
}

export const queueTotal = (frame: MetricsFrame) => frame.queue.scheduled + frame.queue.ready + frame.queue.inFlight + frame.queue.held;
