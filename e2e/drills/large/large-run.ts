// Large messages, all at once, through an engine process: clients that all stand in the middle of their message at one moment, then hosts
// that all do. What the process takes of memory meanwhile, and whether every octet arrived.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { until } from '@sluice/bench/installation';
import { sender, startWorld, type World } from '../../scenarios/testing/world.ts';

const hostAddress = '127.42.1.1';
const blockBytes = 64 * 1024;
const sampleEveryMs = 50;
const limitMs = 15 * 60_000;
const mebibyte = 1024 * 1024;

export type LargeFigures = {
  messages: number;
  megabytes: number;
  /** Messages whose octets arrived as they were sent, once each. */
  arrived: number;
  /** Of the engine's process: before, at most while messages came in, at most while they went out. */
  idleMb: number;
  inMb: number;
  outMb: number;
  inSeconds: number;
  outSeconds: number;
};

/** Opens when so many have come to it. */
class Barrier {
  #missing: number;
  #open: () => void = () => undefined;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));

  constructor(count: number) {
    this.#missing = count;
  }

  pass(): Promise<void> {
    this.#missing -= 1;
    if (this.#missing === 0) this.#open();
    return this.#opened;
  }
}

/** The n-th message: every block of it says where it stands, no line begins with a dot. */
function* blocks(n: number, bytes: number): Generator<Buffer> {
  const filler = `${'abcdefghijklmnopqrstuvwxyz0123456789 '.repeat(2)}\r\n`;
  const block = Buffer.from(filler.repeat(Math.ceil(blockBytes / filler.length)));
  for (let written = 0, index = 0; written < bytes; written += block.length, index += 1) {
    const next = Buffer.from(block);
    next.write(`${n}/${index} `);
    yield next;
  }
}

async function submit(port: number, n: number, bytes: number, half: Barrier): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  const closed = () => (socket.destroyed ? `the engine hung up on message ${n}: ${heard}` : null);
  const reply = async (code: string): Promise<void> => {
    await until(() => new RegExp(`^${code} `, 'm').test(heard), limitMs, closed);
    heard = '';
  };
  const write = (data: string | Buffer) => new Promise<void>((resolve) => socket.write(data, () => resolve()));
  await reply('220');
  await write('EHLO client.example\r\n');
  await reply('250');
  await write(`MAIL FROM:<${sender}>\r\nRCPT TO:<bob@n${n}.large.example>\r\nDATA\r\n`);
  await reply('354');
  await write(`From: <${sender}>\r\nSubject: large\r\nX-Number: ${n}\r\n\r\n`);
  const hash = createHash('sha256');
  let written = 0;
  for (const block of blocks(n, bytes)) {
    if (written < bytes / 2 && written + block.length >= bytes / 2) await half.pass();
    hash.update(block);
    await write(block);
    written += block.length;
  }
  await write('.\r\n');
  await reply('250');
  socket.destroy();
  return hash.digest('hex');
}

/** A mail host that stands still in the middle of each message until all are there; tells the hash of each body. */
async function startHost(port: number, count: number, bytes: number): Promise<{ server: Server; bodies: Map<number, string[]> }> {
  const half = new Barrier(count);
  const bodies = new Map<number, string[]>();
  const server = createServer((socket) => serve(socket, half, bytes / 2, bodies));
  await new Promise<void>((resolve) => server.listen(port, hostAddress, resolve));
  return { server, bodies };
}

function serve(socket: Socket, half: Barrier, halfBytes: number, bodies: Map<number, string[]>): void {
  let message: { hash: ReturnType<typeof createHash>; head: string; inBody: boolean; tail: Buffer; bytes: number; waited: boolean } | null =
    null;
  socket.on('error', () => undefined);
  socket.write('220 mx.large.example\r\n');
  socket.on('data', (chunk: Buffer) => {
    if (message === null) {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        if (line === 'DATA')
          message = { hash: createHash('sha256'), head: '', inBody: false, tail: Buffer.alloc(0), bytes: 0, waited: false };
        if (line.startsWith('EHLO')) socket.write('250-mx.large.example\r\n250 SIZE\r\n');
        else if (line === 'QUIT') socket.end('221 bye\r\n');
        else socket.write(line === 'DATA' ? '354 go\r\n' : '250 ok\r\n');
      }
      return;
    }
    const state = message;
    let body = chunk;
    if (!state.inBody) {
      state.head += chunk.toString('latin1');
      const end = state.head.indexOf('\r\n\r\n');
      if (end < 0) return;
      state.inBody = true;
      body = Buffer.from(state.head.slice(end + 4), 'latin1');
    }
    state.bytes += body.length;
    const held = Buffer.concat([state.tail, body]);
    const ended = held.subarray(-5).toString('latin1') === '\r\n.\r\n';
    const keep = ended ? 3 : Math.min(5, held.length);
    state.hash.update(held.subarray(0, held.length - keep));
    state.tail = Buffer.from(held.subarray(held.length - keep));
    if (ended) {
      const n = Number(/^X-Number: (\d+)/m.exec(state.head)?.[1]);
      bodies.set(n, [...(bodies.get(n) ?? []), state.hash.digest('hex')]);
      message = null;
      socket.write('250 2.0.0 queued\r\n');
    } else if (!state.waited && state.bytes >= halfBytes) {
      state.waited = true;
      socket.pause();
      void half.pass().then(() => socket.resume());
    }
  });
}

/** The largest resident memory of a process between two calls, in MB. */
function watchMemory(world: World): { take(): number; stop(): void } {
  const residentMb = () => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${world.pid}/status`, 'utf8'))?.[1]) / 1024;
  let most = residentMb();
  const timer = setInterval(() => (most = Math.max(most, residentMb())), sampleEveryMs);
  return {
    take() {
      const taken = Math.round(most);
      most = residentMb();
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}

/** `count` messages of `megabytes` each, all in at once, then all out at once. */
export async function runLarge({ count, megabytes }: { count: number; megabytes: number }): Promise<LargeFigures> {
  const bytes = megabytes * mebibyte;
  const world = await startWorld();
  // A site for each, so that none waits for the connection of another.
  for (let n = 0; n < count; n += 1) {
    world.dns.override(`mx.n${n}.large.example`, 'A', { kind: 'records', records: [{ type: 'A', data: hostAddress }] });
    world.mx(`n${n}.large.example`, `mx.n${n}.large.example`);
  }
  const { server, bodies } = await startHost(world.hostPort, count, bytes);
  const memory = watchMemory(world);
  try {
    const idleMb = memory.take();
    const half = new Barrier(count);
    const beganAt = performance.now();
    const sent = await Promise.all(Array.from({ length: count }, (_, n) => submit(world.smtpPort, n, bytes, half)));
    const inMb = memory.take();
    const takenAt = performance.now();
    await until(() => bodies.size === count, limitMs);
    const outMb = memory.take();
    const arrived = sent.filter((hash, n) => bodies.get(n)?.join() === hash).length;
    const seconds = (from: number, to: number) => Math.round((to - from) / 100) / 10;
    return {
      ...{ messages: count, megabytes, arrived, idleMb, inMb, outMb },
      inSeconds: seconds(beganAt, takenAt),
      outSeconds: seconds(takenAt, performance.now()),
    };
  } finally {
    memory.stop();
    server.close();
    await world.close();
  }
}
