import { readSets } from './parameter-set.ts';
import { runOne } from './one-run.ts';
import { twoModes } from './two-modes.ts';
import { timedOverrides } from './timed-overrides.ts';
const fixed = { name: 'fixed', entities: [], controller: null };
for (const set of readSets(process.argv[2]!))
  for (const s of [fixed, twoModes, timedOverrides]) console.log(set.name, JSON.stringify(await runOne(set, s)));
