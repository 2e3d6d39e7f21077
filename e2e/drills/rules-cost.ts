// rules-cost: what automation costs where nothing is wrong. Two engines with 200 sources, one of them with 500 rules of which 50 hold mail
// now, carry the same mail at the same time, a core for each, so that what makes the machine slower for a while weighs on both alike. The
// wire is simulated: what differs is the engine's own processor time. Of each pair of flows the difference is taken in microseconds a
// message, and set against what a message of the whole product costs on this machine, measured before. Holds when the 95 % interval of the
// mean difference lies within 5 % of that.
//
// Usage: npm run drill -- rules-cost [--pairs 20] [--flow-seconds 4]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RulesCostFlow } from '@sluice/engine/testing';
import { median, startSide, type Side } from './blocked/side.ts';
import { microsecondsOfAMessage } from './message-cost.ts';
import { meanWithin } from './rules/interval.ts';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '20' }, 'flow-seconds': { type: 'string', default: '4' } } });
const [pairs, flowMs] = [Math.max(7, Number(values.pairs)), Number(values['flow-seconds']) * 1_000];
const warmMs = 1_000;
const firstWarmMs = 20_000;
const bar = 0.05;
const expectedActions = 50;
const program = fileURLToPath(new URL('rules/one-run.ts', import.meta.url));

const scratch = mkdtempSync(join(tmpdir(), 'sluice-rules-'));
const sides: Side[] = [];
try {
  const wholeMicroseconds = microsecondsOfAMessage(scratch);
  const start = async (withRules: boolean) => {
    const side = startSide(program);
    sides.push(side);
    const { actions } = await side.ask<{ actions: number }>({ do: 'start', directory: join(scratch, String(withRules)), withRules });
    side.run();
    return { side, actions, microseconds: [] as number[], rates: [] as number[] };
  };
  const none = await start(false);
  const some = await start(true);
  const flow = (givenWarmMs: number): Promise<RulesCostFlow[]> =>
    Promise.all([none, some].map(({ side }) => side.begin<RulesCostFlow>({ do: 'flow', warmMs: givenWarmMs, flowMs })));
  // The first of each is the compiler's, and meets every source at every provider: what watches them is looked up once and kept.
  await flow(firstWarmMs);
  for (let pair = 0; pair < pairs; pair++)
    for (const [at, { cpuSecondsPer1000, ratePerSecond }] of (await flow(warmMs)).entries()) {
      const one = at === 0 ? none : some;
      one.microseconds.push(cpuSecondsPer1000 * 1_000);
      one.rates.push(ratePerSecond);
    }
  const difference = meanWithin(some.microseconds.map((with500, at) => with500 - (none.microseconds[at] ?? NaN)));
  const shareOf = (microseconds: number): number => Math.round((microseconds / wholeMicroseconds) * 1e4) / 1e4;
  const [from, to] = [shareOf(difference.from), shareOf(difference.to)];
  const holds = from > -bar && to < bar && some.actions === expectedActions && none.actions === 0;
  const rounded = (value: number): number => Math.round(value * 10) / 10;
  const figures = {
    ...{ pairs, rules: 500, sources: 200, actions: some.actions },
    microsecondsOfAMessage: wholeMicroseconds,
    simulated: { without: rounded(median(none.microseconds)), with: rounded(median(some.microseconds)) },
    differenceMicroseconds: { mean: rounded(difference.mean), from: rounded(difference.from), to: rounded(difference.to) },
    difference: { mean: shareOf(difference.mean), from, to, within: bar },
    attemptsPerSecond: { without: median(none.rates), with: median(some.rates) },
  };
  process.stdout.write(`${JSON.stringify({ drill: 'rules-cost', holds, ...figures })}\n`);
  process.exitCode = holds ? 0 : 1;
} finally {
  for (const side of sides) side.end();
  rmSync(scratch, { recursive: true, force: true });
}
