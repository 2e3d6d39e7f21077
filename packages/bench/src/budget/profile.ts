// A CPU profile of a running Node process, taken from outside: SIGUSR1 opens its inspector on loopback, the profiler of its main thread
// runs while the load does. Nothing in the product knows of it. Samples cost the process some per cent; the total is measured without.
import { setTimeout as sleep } from 'node:timers/promises';

/** Where Node listens after SIGUSR1. Another process that listens there makes the profile fail, not lie: the pid is compared. */
const inspectorPort = 9229;
const openLimitMs = 5_000;
const pollMs = 50;
const sampleEveryUs = 500;
const answerLimitMs = 60_000;

export type ProfileNode = { id: number; callFrame: { functionName: string; url: string }; children?: number[] };
export type CpuProfile = { nodes: ProfileNode[]; samples: number[]; timeDeltas: number[] };

class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
      const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
      if (message.error) waiting?.reject(new Error(message.error.message));
      else waiting?.resolve(message.result);
    });
  }

  ask(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ id, method, params }));
    return Promise.race([answer, sleep(answerLimitMs).then(() => Promise.reject(new Error(`no answer to ${method}`)))]);
  }

  close(): void {
    this.#socket.close();
  }
}

async function debuggerUrl(): Promise<string> {
  const deadline = performance.now() + openLimitMs;
  for (;;) {
    try {
      const targets = (await (await fetch(`http://127.0.0.1:${inspectorPort}/json/list`)).json()) as { webSocketDebuggerUrl: string }[];
      const url = targets[0]?.webSocketDebuggerUrl;
      if (url !== undefined) return url;
    } catch (error) {
      if (performance.now() > deadline) throw new Error('the inspector did not open', { cause: error });
    }
    await sleep(pollMs);
  }
}

/** Runs `load` and returns the profile of the process's main thread over it. */
export async function profileWhile(pid: number, load: () => Promise<void>): Promise<CpuProfile> {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await debuggerUrl());
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('the inspector refuses a connection')));
  });
  const inspector = new Inspector(socket);
  try {
    const { result } = (await inspector.ask('Runtime.evaluate', { expression: 'process.pid' })) as { result: { value: number } };
    if (result.value !== pid) throw new Error(`port ${inspectorPort} belongs to process ${result.value}, not to ${pid}`);
    await inspector.ask('Profiler.enable');
    await inspector.ask('Profiler.setSamplingInterval', { interval: sampleEveryUs });
    await inspector.ask('Profiler.start');
    await load();
    const { profile } = (await inspector.ask('Profiler.stop')) as { profile: CpuProfile };
    return profile;
  } finally {
    inspector.close();
  }
}
