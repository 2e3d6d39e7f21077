// npm run bench -- throughput [--dkim] [--peer postfix] [--messages N] [--runs N] [--size OCTETS] [--json FILE]
// npm run bench -- budget [--dkim] [--messages N] [--size OCTETS] [--json FILE]
//
// budget: where the CPU microseconds of a message go in Sluice. throughput: the same load through Sluice and through the peer, in turns. Each turn starts the product, warms it up, measures one run and stops it,
// so that neither takes time from the other. Exit code 0 only when every message of every run arrived.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { missingPrograms } from './postfix-instance.ts';
import { startSink, type Sink } from './throughput/load.ts';
import { budgetTable, measureBudget } from './budget/budget.ts';
import { peerMissing, peerName, startPeer } from './throughput/postfix.ts';
import type { Product } from './throughput/product.ts';
import { resultLine, table, type Figures } from './throughput/report.ts';
import { measure, type Load } from './throughput/run.ts';
import { prepareSluice } from './throughput/sluice.ts';

const warmUpMessages = 2_000;
const usage = [
  'usage: npm run bench -- throughput [--dkim] [--peer postfix] [--messages N] [--runs N] [--size OCTETS] [--json FILE]',
  '       npm run bench -- budget [--dkim] [--messages N] [--size OCTETS] [--json FILE]',
].join('\n');
const benches = ['throughput', 'budget'] as const;

class UsageProblem extends Error {}

function readArguments(args: string[]) {
  const options = {
    dkim: { type: 'boolean', default: false },
    peer: { type: 'string' },
    json: { type: 'string' },
    messages: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '3' },
    size: { type: 'string', default: '4096' },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageProblem(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const bench = benches.find((name) => name === positionals[0]);
  if (positionals.length !== 1 || bench === undefined) throw new UsageProblem(`say which bench: ${benches.join(' or ')}`);
  if (values.peer !== undefined && values.peer !== 'postfix') throw new UsageProblem('the peer that can be run is postfix');
  const whole = (name: 'messages' | 'runs' | 'size', most: number) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) throw new UsageProblem(`--${name} is a whole number from 1 to ${most}`);
    return value;
  };
  return {
    bench,
    dkim: values.dkim,
    peer: values.peer !== undefined,
    json: values.json,
    messages: whole('messages', 1_000_000),
    runs: whole('runs', 99),
    size: whole('size', 10_000_000),
  };
}

/** What to undo when a signal ends us in the middle, newest last. Postfix and the sink would outlive us. */
const running: (() => Promise<void>)[] = [];
async function using<T extends { stop(): Promise<void> }, R>(started: Promise<T>, use: (it: T) => Promise<R>): Promise<R> {
  const it = await started;
  const stop = () => it.stop();
  running.push(stop);
  try {
    return await use(it);
  } finally {
    running.splice(running.indexOf(stop), 1);
    await stop();
  }
}

function turn(started: Promise<Product>, sink: Sink, load: Load, label: string): Promise<Figures> {
  return using(started, async (product) => {
    await measure(product, sink, { ...load, messages: Math.min(warmUpMessages, load.messages) });
    const figures = await measure(product, sink, load);
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    process.stderr.write(`${label} ${product.name}: ${shown.join(', ')}\n`);
    return figures;
  });
}

type Arguments = ReturnType<typeof readArguments>;

/** Machine-readable result for who asked for it, and the table for people. */
function report(json: string | undefined, result: unknown, table: string): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${table}\n`);
}

async function throughput({ dkim, peer, json, messages, runs, size }: Arguments): Promise<void> {
  const load = { messages, sizeBytes: size };
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  await using(startSink(), (sink) =>
    using(prepareSluice(sink.port, dkim), async (sluice) => {
      for (let run = 1; run <= runs; run++) {
        ours.push(await turn(sluice.start(), sink, load, `${run}/${runs}`));
        if (peer) theirs.push(await turn(startPeer(sink.port, dkim), sink, load, `${run}/${runs}`));
      }
    }),
  );
  const line = resultLine(size, dkim, ours, theirs);
  report(json, [line], table(line, peerName(dkim)));
}

async function budget({ dkim, json, messages, size }: Arguments): Promise<void> {
  const load = { messages, sizeBytes: size };
  const measured = await using(startSink(), (sink) =>
    using(prepareSluice(sink.port, dkim), (sluice) =>
      using(sluice.start(), async (product) => {
        await measure(product, sink, { ...load, messages: Math.min(warmUpMessages, messages) });
        return measureBudget(product, product.enginePid(), sink, load);
      }),
    ),
  );
  report(json, measured, budgetTable(measured));
}

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  const missing = given.peer ? peerMissing(given.dkim) : missingPrograms('smtp-source', 'smtp-sink');
  if (missing) throw new UsageProblem(`this bench cannot run here: ${missing}`);
  await (given.bench === 'budget' ? budget(given) : throughput(given));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    const stops = running.splice(0).reverse();
    void Promise.allSettled(stops.map((stop) => stop())).then(() => process.exit(1));
  });
}
await main().catch((error: unknown) => {
  const wrongUse = error instanceof UsageProblem;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${wrongUse ? `${usage}\n` : ''}`);
  process.exitCode = wrongUse ? 2 : 1;
});
