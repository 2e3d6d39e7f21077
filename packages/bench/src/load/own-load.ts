// Our own source and sink as processes, for loads that Postfix's programs cannot make. Both products get the same.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stopProcess } from '../installation.ts';
import type { Sink } from '../throughput/load.ts';
import type { SinkOrder, SinkReport, SourceOrder, SourceReport } from './wire.ts';

const sourceScript = fileURLToPath(new URL('./source.ts', import.meta.url));
const sinkScript = fileURLToPath(new URL('./sink.ts', import.meta.url));
const countEveryMs = 100;

export type OwnSink = Sink & { /** Time of arrival by message number. */ times(): Promise<number[]> };

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process of the load ended with ${String(code)}`)));
  const [answer] = (await Promise.race([once(child, 'message'), ended])) as [T];
  ended.catch(() => undefined);
  return answer;
}

export async function startOwnSink(order: SinkOrder): Promise<OwnSink> {
  const child = fork(sinkScript, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(order);
  const { port } = await answerOf<{ port: number }>(child);
  let counted = 0;
  let times: ((report: SinkReport) => void) | null = null;
  child.on('message', (message: { count: number } | SinkReport) => {
    if ('count' in message) counted = message.count;
    else times?.(message);
  });
  const asking = setInterval(() => child.connected && child.send('count'), countEveryMs);
  asking.unref();
  return {
    port,
    count: () => counted,
    times: () =>
      new Promise((resolve) => {
        times = ({ arrivedAt }) => resolve(arrivedAt);
        child.send('times');
      }),
    async stop() {
      clearInterval(asking);
      await stopProcess(child);
    },
  };
}

/** Hands the messages in; resolves with the time of each 250. */
export async function injectOwn(order: SourceOrder): Promise<SourceReport> {
  const child = fork(sourceScript, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(order);
  return answerOf<SourceReport>(child);
}
