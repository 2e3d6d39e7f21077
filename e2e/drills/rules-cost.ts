// rules-cost: what automation costs where nothing is wrong. Two engines with 200 sources, one of them with 500 rules of which 50 hold mail
// now, carry the same mail by turns of a tenth of a second; of each pair of flows the CPU seconds for 1,000 attempts are compared. Holds when
// the 95 % interval of the mean difference lies within 5 %.
//
// Usage: npm run drill -- rules-cost [--pairs 15] [--flow-seconds 8]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RulesCostFlow } from '@sluice/engine/testing';
import { inShortTurns, inTurn, median, startSide, type Side } from './blocked/side.ts';
import { meanWithin } from './rules/interval.ts';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '15' }, 'flow-seconds': { type: 'string', default: '8' } } });
const [pairs, flowMs] = [Math.max(7, Number(values.pairs)), Number(values['flow-seconds']) * 1_000];
const warmMs = 1_000;
const turnMs = 100;
const firstWarmMs = 20_000;
const bar = 0.05;
const expectedActions = 50;
const program = fileURLToPath(new URL('rules/one-run.ts', import.meta.url));

const scratch = mkdtempSync(join(tmpdir(), 'sluice-rules-'));
const sides: Side[] = [];
try {
  const start = async (withRules: boolean) => {
    const side = startSide(program);
    sides.push(side);
    const { actions } = await side.ask<{ actions: number }>({ do: 'start', directory: join(scratch, String(withRules)), withRules });
    return { side, actions, flows: [] as RulesCostFlow[] };
  };
  const none = await start(false);
  const some = await start(true);
  // The first turn of each is the compiler's, and meets every source at every provider: what watches them is looked up once and kept.
  for (const { side } of [none, some]) await side.ask({ do: 'flow', warmMs: firstWarmMs, flowMs });
  for (let pair = 0; pair < pairs; pair++) {
    const both = inTurn(pair, [none, some]);
    const flows = await inShortTurns<RulesCostFlow>([both[0].side, both[1].side], { do: 'flow', warmMs, flowMs }, turnMs);
    flows.forEach((flow, at) => both[at]?.flows.push(flow));
  }
  const cpu = ({ flows }: typeof none): number[] => flows.map(({ cpuSecondsPer1000 }) => cpuSecondsPer1000);
  const differences = cpu(some).map((with500, at) => with500 / (cpu(none)[at] ?? NaN) - 1);
  const difference = meanWithin(differences);
  const holds = difference.from > -bar && difference.to < bar && some.actions === expectedActions && none.actions === 0;
  const rounded = (value: number): number => Math.round(value * 1e5) / 1e5;
  const figures = {
    ...{ pairs, rules: 500, sources: 200, actions: some.actions },
    cpuSecondsPer1000: { without: rounded(median(cpu(none))), with: rounded(median(cpu(some))) },
    difference: { mean: rounded(difference.mean), from: rounded(difference.from), to: rounded(difference.to), within: bar },
    attemptsPerSecond: {
      without: median(none.flows.map((flow) => flow.ratePerSecond)),
      with: median(some.flows.map((flow) => flow.ratePerSecond)),
    },
  };
  process.stdout.write(`${JSON.stringify({ drill: 'rules-cost', holds, ...figures })}\n`);
  process.exitCode = holds ? 0 : 1;
} finally {
  for (const side of sides) side.end();
  rmSync(scratch, { recursive: true, force: true });
}
