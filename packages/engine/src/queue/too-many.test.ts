// Which recipients go on at once when a server takes only some of a transaction, and how long that is remembered.
import { expect, it } from 'vitest';
import type { Outcome } from '../entry.ts';
import { overTheLimit, RecipientBounds } from './too-many.ts';

const delivered: Outcome = {
  kind: 'delivered',
  scope: 'transaction',
  reply: { code: 250, enhanced: null, text: '', command: 'message' },
  bounceClass: null,
  detail: null,
  dotSent: false,
};
const atRcpt = (code: number, enhanced: string | null = null): Outcome => ({
  ...delivered,
  kind: code >= 500 && code !== 552 ? 'bounced' : 'deferred',
  scope: 'recipient',
  reply: { code, enhanced, text: '', command: 'rcpt' },
});
const judged = (...outcomes: Outcome[]) => {
  const { again, taken } = overTheLimit(outcomes);
  return [[...again], taken];
};

it('lets those go on at once that came after the last whom the server took', () => {
  expect(judged(delivered, delivered, atRcpt(452), atRcpt(452))).toEqual([[2, 3], 2]);
  expect(judged(delivered, atRcpt(552), atRcpt(552, '5.5.3'), atRcpt(452, '4.5.3'))).toEqual([[1, 2, 3], 1]);
  expect(judged(delivered, atRcpt(550, '5.1.1'), atRcpt(452))).toEqual([[2], 1]);
});

it('takes 452 amid accepted recipients for one mailbox, unless its enhanced code says otherwise', () => {
  expect(judged(delivered, atRcpt(452), delivered)).toEqual([[], 2]);
  expect(judged(delivered, atRcpt(452, '4.5.3'), delivered)).toEqual([[1], 1]);
  expect(judged(delivered, atRcpt(452, '4.2.2'))).toEqual([[], 1]);
  expect(judged(delivered, atRcpt(450))).toEqual([[], 1]);
});

it('lets nobody go on at once where nobody was taken: that would never end', () => {
  expect(judged(atRcpt(452), atRcpt(452, '4.5.3'))).toEqual([[], 0]);
});

it('remembers for an hour how many a site took', () => {
  const bounds = new RecipientBounds();
  bounds.learn('a', 7, 0);
  expect([bounds.most('a', 3_599_999), bounds.most('b', 0), bounds.most('a', 3_600_000)]).toEqual([7, Infinity, Infinity]);
});
