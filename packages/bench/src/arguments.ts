// What the bench is asked for. A wrong word ends it with the usage and exit code 2.
import { parseArgs } from 'node:util';
import type { Load } from './throughput/load.ts';

export const usage = [
  'usage: npm run bench -- throughput [--dkim] [--tls] [--single] [--domains N] [--rtt MS] [--peer postfix] [--messages N] [--runs N] [--warm-up SECONDS] [--size OCTETS] [--json FILE]',
  '       npm run bench -- table [--peer postfix] [--messages N] [--runs N] [--warm-up SECONDS] [--json FILE]',
  '       npm run bench -- latency [--dkim] [--messages N] [--warm-up SECONDS] [--json FILE]',
  '       npm run bench -- soak [--dkim] [--seconds N] [--json FILE]',
  '       npm run bench -- budget [--dkim] [--messages N] [--warm-up SECONDS] [--size OCTETS] [--json FILE]',
].join('\n');
const benches = ['throughput', 'table', 'latency', 'soak', 'budget'] as const;

export class UsageProblem extends Error {}

export type Arguments = {
  bench: (typeof benches)[number];
  dkim: boolean;
  peer: boolean;
  json: string | undefined;
  runs: number;
  /** Full load before what is measured; both products alike. */
  warmUpSeconds: number;
  /** Of a soak. */
  seconds: number;
  load: Load;
};

export function readArguments(args: string[]): Arguments {
  const options = {
    dkim: { type: 'boolean', default: false },
    tls: { type: 'boolean', default: false },
    single: { type: 'boolean', default: false },
    peer: { type: 'string' },
    json: { type: 'string' },
    messages: { type: 'string', default: '10000' },
    domains: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    size: { type: 'string', default: '4096' },
    rtt: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '600' },
    'warm-up': { type: 'string', default: '30' },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageProblem(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const bench = benches.find((name) => name === positionals[0]);
  if (positionals.length !== 1 || bench === undefined) throw new UsageProblem(`say which bench: ${benches.join(', ')}`);
  if (values.peer !== undefined && values.peer !== 'postfix') throw new UsageProblem('the peer that can be run is postfix');
  const whole = (name: 'messages' | 'runs' | 'size' | 'domains' | 'rtt' | 'seconds' | 'warm-up', most: number, least = 1) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new UsageProblem(`--${name} is a whole number from ${least} to ${most}`);
    return value;
  };
  const { dkim, tls, single, json } = values;
  const rttMs = whole('rtt', 10_000, 0);
  // Postfix would open as many connections as it likes, and the figure is one of time, not of work.
  if (rttMs > 0 && values.peer !== undefined) throw new UsageProblem('--rtt measures us alone');
  const load = {
    rttMs,
    messages: whole('messages', 1_000_000),
    sizeBytes: whole('size', 10_000_000),
    domains: whole('domains', 1_000_000),
  };
  return {
    bench,
    dkim,
    peer: values.peer !== undefined,
    json,
    runs: whole('runs', 99),
    warmUpSeconds: whole('warm-up', 3_600),
    seconds: whole('seconds', 86_400),
    load: { ...load, tls, single },
  };
}
