// The configuration as it is, looked over as a whole.
import { configHead } from '@sluice/plane/console';
import type { Scope } from '../scope.ts';
import { judge } from './judge.ts';
import { Names } from './text/names.ts';

export async function checkConfig(scope: Scope) {
  const { number: revision } = await configHead(scope.sql);
  return { revision, ...(await judge(scope, [], new Names(scope, revision), true)) };
}
