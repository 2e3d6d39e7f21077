// Full load for minutes, and how long the engine's event loop kept anything waiting meanwhile, by its own metric.
import { measure } from './throughput/run.ts';
import type { Load, Sink } from './throughput/load.ts';
import type { SluiceProduct } from './throughput/sluice.ts';

export type Soak = { seconds: number; messages: number; deliveredPerSecond: number; loopDelayMs: Record<LoopQuantile, number> };
const quantiles = { p50: '0.5', p99: '0.99', p999: '0.999', longest: '1' } as const;
type LoopQuantile = keyof typeof quantiles;

export async function measureSoak(product: SluiceProduct, sink: Sink, load: Load, seconds: number): Promise<Soak> {
  const startedAt = performance.now();
  const passed = (): number => (performance.now() - startedAt) / 1000;
  const rates: number[] = [];
  while (passed() < seconds) rates.push((await measure(product, sink, load)).deliveredPerSecond);
  const inverse = rates.reduce((sum, rate) => sum + 1 / rate, 0);
  const metrics = await (await fetch(product.metricsUrl)).text();
  return {
    seconds: Math.round(passed()),
    messages: rates.length * load.messages,
    deliveredPerSecond: Math.round(rates.length / inverse),
    loopDelayMs: Object.fromEntries(
      Object.entries(quantiles).map(([name, quantile]) => [name, delayOf(metrics, quantile)]),
    ) as Soak['loopDelayMs'],
  };
}

function delayOf(metrics: string, quantile: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`sluice_event_loop_delay_seconds{quantile="${quantile}"}`));
  return Number((Number(line?.split(' ')[1]) * 1000).toFixed(1));
}
