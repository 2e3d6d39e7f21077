// The load, the same for both products: Postfix's own smtp-source in and smtp-sink out where they can, else our own. The sink is what
// counts.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePorts, stopProcess, until } from '../installation.ts';
import { injectOwn, startOwnSink } from '../load/own-load.ts';
import { removeFolder, scratchFolder } from '../postfix-instance.ts';

export const sessions = 40;
export const senderAddress = 'load@bench.example';
export const recipientDomain = 'sink.example';
/** smtp-sink and smtp-source run as this user when we are root: they ask for it. */
const unprivilegedUser = 'postfix';
const sinkBacklog = 1024;
/** More than one line of counters. */
const counterBytes = 128;
const startLimitMs = 5_000;

export type Sink = { port: number; /** Messages taken since start. */ count(): number; stop(): Promise<void> };

async function startSink(): Promise<Sink> {
  const [port = 0] = await freePorts(1);
  const folder = scratchFolder('bench-sink-');
  // The sink writes its running counters into a file, of which we look at the end now and then: a pipe would wake us for every message
  // and take time from the product under test.
  const counters = openSync(join(folder, 'counters'), 'w+');
  const asUser = process.getuid?.() === 0 ? ['-u', unprivilegedUser] : [];
  const args = ['-c', ...asUser, `127.0.0.1:${port}`, String(sinkBacklog)];
  const child = spawn('/usr/sbin/smtp-sink', args, { stdio: ['ignore', counters, 'inherit'] });
  const stop = async () => {
    await stopProcess(child);
    closeSync(counters);
    removeFolder(folder);
  };
  await until(
    () => accepts(port),
    startLimitMs,
    () => (child.exitCode === null ? null : 'smtp-sink ended at once'),
  ).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { port, count: () => lastCount(counters), stop };
}

/** Counters are "sess=1 quit=0 mesg=7" and a carriage return, again and again. */
function lastCount(file: number): number {
  const tail = Buffer.alloc(counterBytes);
  const read = readSync(file, tail, 0, counterBytes, Math.max(0, fstatSync(file).size - counterBytes));
  const text = tail.toString('latin1', 0, read);
  const line = text.slice(0, text.lastIndexOf('\r'));
  return Number(/mesg=(\d+)$/.exec(line)?.[1] ?? 0);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('close', () => resolve(false)).setTimeout(1_000, () => socket.destroy());
    socket.on('connect', () => socket.destroy());
  });
}

/** What is handed in and how; every case of the bench is one of these. */
export type Load = {
  messages: number;
  sizeBytes: number;
  /** Recipients go round over so many domains, each with its own queue. */
  domains: number;
  /** STARTTLS at both ends. */
  tls: boolean;
  /** A connection for every message, in and out. */
  single: boolean;
  /** Round trip of the link to the receivers, over `longLinkConnections`; 0 is none. */
  rttMs: number;
};

const longLinkConnections = 10;
/** Connections out, all sources together. */
export const connectionsOut = ({ rttMs }: Load): number => (rttMs > 0 ? longLinkConnections : sessions);

/** Postfix's programs know neither TLS nor several domains, and no long link. */
export const needsOwnLoad = ({ tls, domains, rttMs }: Load): boolean => tls || domains > 1 || rttMs > 0;

export function startSinkFor(load: Load): Promise<Sink> {
  return needsOwnLoad(load) ? startOwnSink(load) : startSink();
}

/** Hands in all messages; resolves when the last has its 250. */
export async function inject(port: number, load: Load): Promise<void> {
  const { messages, sizeBytes, domains, tls, single } = load;
  if (needsOwnLoad(load)) {
    await injectOwn({ port, sessions, messages, sizeBytes, domains, tls, perConnection: single ? 1 : 0, perSecond: null });
    return;
  }
  const reuse = single ? [] : ['-d'];
  const args = [...reuse, '-N', '-s', String(sessions), '-m', String(messages), '-l', String(sizeBytes), '-M', 'source.bench.example'];
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
