// The mix of recipients, over a fixed sequence of draws.
import { mailbox } from '@sluice/contract';
import { expect, test } from 'vitest';
import { drawRecipient, weighted } from './recipients.ts';

/** A small linear congruential generator: the same sequence on every run. */
function sequence(): () => number {
  let state = 42;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

test('every address is a mailbox, most take mail, and some do not', () => {
  const draw = sequence();
  const drawn = Array.from({ length: 5_000 }, () => drawRecipient(draw));
  for (const address of drawn) expect(mailbox.safeParse(address).success).toBe(true);
  const troubled = drawn.filter((address) => /^(unknown|full|tempfail)\./.test(address)).length;
  expect(troubled).toBeGreaterThan(50);
  expect(troubled).toBeLessThan(300);
  for (const domain of ['gmail.com', 'yahoo.com', 'outlook.com', 'corp.example']) {
    expect(drawn.some((address) => address.endsWith(`@${domain}`))).toBe(true);
  }
});

test('a share of nothing is never drawn, and the ends of the range are', () => {
  const list = [
    ['a', 1],
    ['never', 0],
    ['b', 3],
  ] as const;
  expect(weighted(list, 0)).toBe('a');
  expect(weighted(list, 0.999_999)).toBe('b');
  for (let at = 0; at < 1; at += 0.01) expect(weighted(list, at)).not.toBe('never');
});
