// Limits of mail of which only some things are known.
import type { LimitBody } from '@sluice/contract';
import { expect, it } from 'vitest';
import { limitsThatMatch } from './limit-match.ts';

const limit = (where: LimitBody['where'], enabled = true) => ({ where, enabled });
const everything = limit({});
const gmail = limit({ provider: 'gmail' });
const onNode = limit({ provider: 'gmail', node: 'node-1' });
const yahoo = limit({ provider: 'yahoo', node: 'node-1' });
const off = limit({}, false);

it('names the limits that bind for sure first, then those that may, with what is open; never one that is off or met by other mail', () => {
  expect(limitsThatMatch([onNode, everything, yahoo, off, gmail], { provider: 'gmail' })).toEqual([
    { limit: everything, open: [] },
    { limit: gmail, open: [] },
    { limit: onNode, open: ['node'] },
  ]);
  expect(limitsThatMatch([onNode, yahoo], {})).toEqual([
    { limit: onNode, open: ['provider', 'node'].toSorted() },
    { limit: yahoo, open: ['provider', 'node'].toSorted() },
  ]);
  expect(limitsThatMatch([onNode], { provider: 'gmail', node: 'node-2' })).toEqual([]);
});
