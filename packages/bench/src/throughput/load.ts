// The load, the same for both products: Postfix's own smtp-source in and smtp-sink out. The sink is what counts.
import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { freePorts, stopProcess, until } from '../installation.ts';

export const sessions = 40;
export const senderAddress = 'load@bench.example';
export const recipientDomain = 'sink.example';
/** smtp-sink and smtp-source run as this user when we are root: they ask for it. */
const unprivilegedUser = 'postfix';
const sinkBacklog = 1024;
const startLimitMs = 5_000;

export type Sink = { port: number; /** Messages taken since start. */ count(): number; stop(): Promise<void> };

export async function startSink(): Promise<Sink> {
  const [port = 0] = await freePorts(1);
  const asUser = process.getuid?.() === 0 ? ['-u', unprivilegedUser] : [];
  const child = spawn('/usr/sbin/smtp-sink', ['-c', ...asUser, `127.0.0.1:${port}`, String(sinkBacklog)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let count = 0;
  // Running counters: "sess=1 quit=0 mesg=7" and a carriage return, again and again; cut anywhere.
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const text = rest + chunk.toString('latin1');
    const last = text.lastIndexOf('\r');
    const line = text.slice(text.lastIndexOf('\r', last - 1) + 1, last);
    count = Number(/mesg=(\d+)/.exec(line)?.[1] ?? count);
    rest = text.slice(last + 1);
  });
  await until(
    () => accepts(port),
    startLimitMs,
    () => (child.exitCode === null ? null : 'smtp-sink ended at once'),
  );
  return { port, count: () => count, stop: async () => void (await stopProcess(child)) };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('close', () => resolve(false)).setTimeout(1_000, () => socket.destroy());
    socket.on('connect', () => socket.destroy());
  });
}

/** Hands in `messages` over reused sessions; resolves when the last has its 250. */
export async function inject(port: number, messages: number, sizeBytes: number): Promise<void> {
  const args = ['-d', '-N', '-s', String(sessions), '-m', String(messages), '-l', String(sizeBytes), '-M', 'source.bench.example'];
  const child: ChildProcess = spawn(
    '/usr/sbin/smtp-source',
    [...args, '-f', senderAddress, '-t', `user@${recipientDomain}`, `127.0.0.1:${port}`],
    {
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  );
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== 0) throw new Error(`smtp-source ended with ${String(code)}: ${complaint.trim()}`);
}
