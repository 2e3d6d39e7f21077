// One run: a number of messages through one product, timed from the first connection to the last message at the sink, then to the end
// of everything that the product still has to do with them.
import { cpuSecondsOf, memoryMibOf } from '../process-tree.ts';
import { until } from '../installation.ts';
import { inject, type Load, type Sink } from './load.ts';
import type { Product } from './product.ts';
import type { Figures } from './report.ts';

/** Looking costs time that the product under test lacks: seldom enough. */
const memoryIntervalMs = 2_000;
const sinkPollMs = 20;
/** Longest wait for the sink after the last accept. */
const drainLimitMs = 300_000;

export async function measure(product: Product, sink: Sink, load: Load): Promise<Figures> {
  await product.begin();
  const atSink = sink.count();
  const cpuBefore = cpuSecondsOf(product.processes());
  let peakMib = memoryMibOf(product.processes());
  const memory = setInterval(() => (peakMib = Math.max(peakMib, memoryMibOf(product.processes()))), memoryIntervalMs);
  try {
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
    if (sink.count() - atSink > load.messages)
      throw new Error(`${product.name} delivered ${sink.count() - atSink} of ${load.messages} messages`);
    return {
      acceptedPerSecond: load.messages / ((acceptedAt - startedAt) / 1000),
      deliveredPerSecond: load.messages / ((deliveredAt - startedAt) / 1000),
      cpuSecondsPer1000: (cpuSecondsOf(product.processes()) - cpuBefore) / (load.messages / 1000),
      peakRssMb: peakMib,
    };
  } finally {
    clearInterval(memory);
  }
}
