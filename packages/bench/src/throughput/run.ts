// One run: a number of messages through one product, timed from the first connection to the last message at the sink, then to the end
// of everything that the product still has to do with them.
import { cpuSecondsOf, memoryMibOf } from '../process-tree.ts';
import { until } from '../installation.ts';
import { inject, type Load, type Sink } from './load.ts';
import type { Product } from './product.ts';
import type { Figures } from './report.ts';

const sinkPollMs = 20;
/** Longest wait for the sink after the last accept. */
const drainLimitMs = 300_000;

export async function measure(product: Product, sink: Sink, load: Load): Promise<Figures> {
  await product.begin();
  const atSink = sink.count();
  const cpuBefore = cpuSecondsOf(product.processes());
  const startedAt = performance.now();
  let deliveredAt = 0;
  const delivered = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (sink.count() - atSink < load.messages) return;
      deliveredAt = performance.now();
      clearInterval(timer);
      resolve();
    }, sinkPollMs);
    timer.unref();
  });
  await inject(product.smtpPort, load);
  const acceptedAt = performance.now();
  await Promise.race([delivered, until(() => deliveredAt > 0, drainLimitMs)]);
  await product.settled(load.messages);
  const cpuSeconds = cpuSecondsOf(product.processes()) - cpuBefore;
  if (sink.count() - atSink > load.messages)
    throw new Error(`${product.name} delivered ${sink.count() - atSink} of ${load.messages} messages`);
  return {
    acceptedPerSecond: load.messages / ((acceptedAt - startedAt) / 1000),
    deliveredPerSecond: load.messages / ((deliveredAt - startedAt) / 1000),
    cpuSecondsPer1000: cpuSeconds / (load.messages / 1000),
    // The kernel goes through all pages of a process to say it, for tenths of a second: behind the run, not in it.
    residentMb: memoryMibOf(product.processes()),
  };
}
