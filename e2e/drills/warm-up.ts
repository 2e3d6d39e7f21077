// warm-up: 45 days of four sources that warm up for six providers, under a virtual clock, against providers that react to how they send; one
// of them badly. Counted at the receiver: no ceiling is exceeded. Told: who takes the overflow, what held a day or took it back and why,
// and how far the forecast of the tenth day was from what came.
//
// Usage: npm run drill -- warm-up [--days 45] [--volume 600]
import { parseArgs } from 'node:util';
import { startWarmUpRun } from '@sluice/engine/testing';
import { badProvider, CountingReceivers, providers } from './warm-up/receivers.ts';
import { WarmUpWatch } from './warm-up/watch.ts';

const { values } = parseArgs({ options: { days: { type: 'string', default: '45' }, volume: { type: 'string', default: '600' } } });
const days = Number(values.days);
/** Messages to each provider a day. */
const volume = Number(values.volume);
const warming = 4;
const hourMs = 3_600_000;
const batchMs = hourMs / 6;
const startMs = Date.UTC(2027, 0, 15);
const forecastDay = 10;
/** The last day is about an eighth of what each provider gets. */
const stages = { first: 10, factor: 1.06, days: 36 };

const started = performance.now();
let nowMs = (): number => startMs;
const receivers = new CountingReceivers(() => nowMs(), startMs);
const run = await startWarmUpRun({
  ...{ startMs, warming, providers, receivers },
  // Judged from the first days on, which are small.
  plan: { schedule: { kind: 'geometric', ...stages }, spread: true, gates: { minimumAttempts: 10 } },
});
nowMs = () => run.nowMs();
const watch = new WarmUpWatch(run, receivers, { warming, startMs, forecastDay });
for (let day = 0; day < days; day++) {
  for (let batch = 0; batch < 144; batch++) {
    const share = Math.floor(((batch + 1) * volume) / 144) - Math.floor((batch * volume) / 144);
    for (const { domain } of providers) await run.inject(domain, share);
    await run.advance(batchMs);
    if (batch % 6 === 5) await watch.look();
  }
}
const figures = watch.figures(days, badProvider);
await run.stop();
const holds =
  figures.overCeiling === 0 &&
  figures.ladderDays > 0 &&
  figures.holds > 0 &&
  figures.stepBacks > 0 &&
  figures.finished >= figures.goodLadders - 2 &&
  figures.forecastErrorDays !== null &&
  figures.forecastErrorDays <= 4;
for (const sentence of figures.sentences) process.stderr.write(`${sentence}\n`);
const { sentences: _told, holds: held, ...told } = figures;
const seconds = Math.round((performance.now() - started) / 1000);
process.stdout.write(`${JSON.stringify({ drill: 'warm-up', holds, days, held, ...told, seconds })}\n`);
process.exitCode = holds ? 0 : 1;
