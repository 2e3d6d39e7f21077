// A plan: what an intent would change, what is wrong with it and what mail it touches. Nothing is written.
import type { ConfigFinding, ConfigPlan } from '@sluice/contract/api';
import { configHead } from '@sluice/plane/console';
import type { Scope } from '../scope.ts';
import { diffOf, learnNames } from './edits.ts';
import { judge } from './judge.ts';
import type { Intent } from './roll-back.ts';
import { Names } from './text/names.ts';
import { touchedBy } from './touched.ts';
import { countsOf } from './write-edits.ts';

const maxFindings = 200;

/** `also`: what was found before there was an intent, such as lines of a text that cannot be read. */
export async function planOf(scope: Scope, { edits, notes }: Intent, also: readonly ConfigFinding[] = []): Promise<ConfigPlan> {
  const { number: baseRevision } = await configHead(scope.sql);
  const names = new Names(scope, baseRevision);
  await learnNames(names, edits);
  const judged = edits.length === 0 ? [] : (await judge(scope, edits, names)).findings;
  return {
    baseRevision,
    counts: countsOf(edits),
    items: await diffOf(edits, names),
    total: edits.length,
    findings: [...also, ...judged].slice(0, maxFindings),
    notes,
    touches: edits.length === 0 ? null : await touchedBy(scope, edits, names),
  };
}
