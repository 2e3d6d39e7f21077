// An engine in a network namespace of its own, where a virtual Ethernet pair leads to nobody: what would leave the machine is counted by
// the kernel, and nothing does leave it. Needs root.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stopProcess, until } from '@sluice/bench/installation';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startLimitMs = 60_000;

export const namespaceAddress = '10.99.0.1';
/** Nobody answers there. */
export const gatewayAddress = '10.99.0.2';

// Without IPv6 the kernel itself has nothing to say on a new interface.
const network = [
  'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6',
  'ip link set lo up',
  'ip link add out0 type veth peer name out1',
  `ip addr add ${namespaceAddress}/24 dev out0`,
  'ip link set out0 up',
  'ip link set out1 up',
  `ip route add default via ${gatewayAddress}`,
].join(' && ');

/** Why no such namespace can be made here; null when one can. */
export function namespaceProblem(): string | null {
  if (process.getuid?.() !== 0) return 'needs root';
  const trial = spawnSync('unshare', ['--net', 'sh', '-c', network], { encoding: 'utf8' });
  return trial.status === 0 ? null : `no network namespace: ${trial.error?.message ?? trial.stderr.trim()}`;
}

export type NamespacedEngine = {
  /** Packets that went out of the namespace's interface. */
  packetsSent(): number;
  /** Runs a program inside; answers its standard output. */
  run(program: string, args: string[]): string;
  stop(): Promise<void>;
};

/** Starts apps/mta inside a new namespace and waits until it accepts mail. */
export async function startInNamespace(env: NodeJS.ProcessEnv): Promise<NamespacedEngine> {
  const script = `${network} && exec "$0" apps/mta/src/main.ts`;
  const child: ChildProcess = spawn('unshare', ['--net', 'sh', '-c', script, process.execPath], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = () => (child.exitCode === null ? null : `the engine ended with ${child.exitCode}:\n${said}`);
  await until(() => said.includes('accepting mail'), startLimitMs, ended);
  return {
    packetsSent() {
      const line = readFileSync(`/proc/${child.pid}/net/dev`, 'utf8')
        .split('\n')
        .find((row) => row.trim().startsWith('out0:'));
      const packets = Number(line?.trim().split(/\s+/)[10]);
      if (!Number.isInteger(packets)) throw new Error(`no counters of out0 in ${line}`);
      return packets;
    },
    run(program, args) {
      const result = spawnSync('nsenter', ['--net', '--target', String(child.pid), program, ...args], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      if (result.status !== 0) throw new Error(`${program}: ${result.stdout}${result.stderr}`);
      return result.stdout;
    },
    async stop() {
      await stopProcess(child);
    },
  };
}
