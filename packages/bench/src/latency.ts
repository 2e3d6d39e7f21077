// From `250` to delivered, message by message, at half of what the same installation can do.
import { injectOwn, startOwnSink } from './load/own-load.ts';
import { sessions, type Load } from './throughput/load.ts';
import { measure } from './throughput/run.ts';
import type { Product } from './throughput/product.ts';
import { until } from './installation.ts';

const drainLimitMs = 120_000;

export type Latency = { fullPerSecond: number; offeredPerSecond: number; p50Ms: number; p99Ms: number; p999Ms: number; longestMs: number };
type OwnSink = Awaited<ReturnType<typeof startOwnSink>>;

/** The value below which `share` of the sorted values lie. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export async function measureLatency(product: Product, sink: OwnSink, load: Load): Promise<Latency> {
  // STARTTLS is not asked for: with more than one domain the same source and sink serve both measurements.
  const { deliveredPerSecond } = await measure(product, sink, load);
  await product.begin();
  const offeredPerSecond = Math.round(deliveredPerSecond / 2);
  const before = sink.count();
  const { messages, sizeBytes, domains, tls } = load;
  const order = { port: product.smtpPort, sessions, messages, sizeBytes, domains, tls, perConnection: 0, perSecond: offeredPerSecond };
  const { acceptedAt } = await injectOwn(order);
  await until(() => sink.count() - before >= messages, drainLimitMs);
  await product.settled(messages);
  const arrivedAt = await sink.times();
  // A message may arrive before its 250 was read: that is no negative wait.
  const waits = acceptedAt.map((accepted, index) => Math.max(0, (arrivedAt[index] ?? Number.POSITIVE_INFINITY) - accepted));
  waits.sort((a, b) => a - b);
  const round = (value: number) => Number(value.toFixed(1));
  return {
    fullPerSecond: Math.round(deliveredPerSecond),
    offeredPerSecond,
    p50Ms: round(quantile(waits, 0.5)),
    p99Ms: round(quantile(waits, 0.99)),
    p999Ms: round(quantile(waits, 0.999)),
    longestMs: round(waits.at(-1) ?? Number.NaN),
  };
}
