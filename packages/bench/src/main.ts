// npm run bench -- throughput | table | latency | soak | budget; see arguments.ts for their options.
//
// throughput: the same load through Sluice and through the peer, in turns. Each turn starts the product, warms it up, measures one run
// and stops it, so that neither takes time from the other. table: the same for every case that is published. latency: from 250 to
// delivered at half load. soak: the event loop's delay under full load for minutes. budget: where the CPU microseconds of a message go. Exit code 0 only when every message of every run arrived.
import { writeFileSync } from 'node:fs';
import { readArguments, usage, UsageProblem, type Arguments } from './arguments.ts';
import { budgetTable, measureBudget } from './budget/budget.ts';
import { tableCases, type BenchCase } from './cases.ts';
import { measureLatency } from './latency.ts';
import { startOwnSink } from './load/own-load.ts';
import { missingPrograms } from './postfix-instance.ts';
import { measureSoak } from './soak.ts';
import { startSinkFor, type Load, type Sink } from './throughput/load.ts';
import { peerMissing, peerName, startPeer } from './throughput/postfix.ts';
import type { Product } from './throughput/product.ts';
import { resultLine, table, type Figures, type ResultLine } from './throughput/report.ts';
import { measure } from './throughput/run.ts';
import { prepareSluice } from './throughput/sluice.ts';

const warmUpMessages = 2_500;

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

/** Both alike: until compilers, caches and files are about as they are an hour later. */
async function warmUp(product: Product, sink: Sink, load: Load, seconds: number): Promise<void> {
  const portion = { ...load, messages: Math.min(warmUpMessages, load.messages) };
  for (const endMs = performance.now() + seconds * 1_000; performance.now() < endMs;) await measure(product, sink, portion);
}

function turn(started: Promise<Product>, sink: Sink, load: Load, warmUpSeconds: number, label: string): Promise<Figures> {
  return using(started, async (product) => {
    await warmUp(product, sink, load, warmUpSeconds);
    const figures = await measure(product, sink, load);
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    process.stderr.write(`${label} ${product.name}: ${shown.join(', ')}\n`);
    return figures;
  });
}

type Turns = Pick<Arguments, 'peer' | 'runs' | 'warmUpSeconds'>;

async function runCase({ name, dkim, load }: BenchCase, { peer, runs, warmUpSeconds }: Turns): Promise<ResultLine> {
  const ours: Figures[] = [];
  const theirs: Figures[] = [];
  await using(startSinkFor(load), (sink) =>
    using(prepareSluice(sink.port, dkim, load), async (sluice) => {
      for (let run = 1; run <= runs; run++) {
        const label = `${run}/${runs}`;
        ours.push(await turn(sluice.start(), sink, load, warmUpSeconds, label));
        if (peer) theirs.push(await turn(startPeer(sink.port, dkim, load), sink, load, warmUpSeconds, label));
      }
    }),
  );
  return resultLine(name, load.sizeBytes, dkim, ours, theirs);
}

/** Machine-readable result for who asked for it, and the table for people. */
function report(json: string | undefined, result: unknown, text: string): void {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${text}\n`);
}

async function throughput({ dkim, json, load, ...turns }: Arguments): Promise<void> {
  const line = await runCase({ name: 'throughput', dkim, load }, turns);
  report(json, [line], table(line, peerName(dkim)));
}

async function wholeTable({ json, load, ...turns }: Arguments): Promise<void> {
  const lines: ResultLine[] = [];
  for (const one of tableCases(load.messages)) {
    process.stderr.write(`== ${one.name}\n`);
    const line = await runCase(one, turns);
    lines.push(line);
    // What was measured is kept should a later case fail.
    report(json, lines, table(line, peerName(one.dkim)));
  }
}

async function latency({ dkim, json, load, warmUpSeconds }: Arguments): Promise<void> {
  const measured = await using(startOwnSink(load), (sink) => {
    // More than one domain asks for our own source, which knows the time of every 250.
    const own = { ...load, domains: Math.max(2, load.domains) };
    return using(prepareSluice(sink.port, dkim, own), (sluice) =>
      using(sluice.start(), async (product) => {
        await warmUp(product, sink, own, warmUpSeconds);
        return measureLatency(product, sink, own);
      }),
    );
  });
  report(json, measured, JSON.stringify(measured));
}

async function soak({ dkim, json, seconds, load }: Arguments): Promise<void> {
  const measured = await using(startSinkFor(load), (sink) =>
    using(prepareSluice(sink.port, dkim, load), (sluice) => using(sluice.start(), (product) => measureSoak(product, sink, load, seconds))),
  );
  report(json, measured, JSON.stringify(measured));
}

async function budget({ dkim, json, load, warmUpSeconds }: Arguments): Promise<void> {
  const measured = await using(startSinkFor(load), (sink) =>
    using(prepareSluice(sink.port, dkim, load), (sluice) =>
      using(sluice.start(), async (product) => {
        await warmUp(product, sink, load, warmUpSeconds);
        return measureBudget(product, product.enginePid(), sink, load);
      }),
    ),
  );
  report(json, measured, budgetTable(measured));
}

const runs = { throughput, table: wholeTable, latency, soak, budget };

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  const missing = given.peer ? peerMissing(given.dkim || given.bench === 'table') : missingPrograms('smtp-source', 'smtp-sink');
  if (missing) throw new UsageProblem(`this bench cannot run here: ${missing}`);
  await runs[given.bench](given);
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
