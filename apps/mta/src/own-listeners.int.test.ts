// The addresses that this machine really has.
import { expect, test } from 'vitest';
import { ownListeners } from './own-listeners.ts';

const clock = { monotonicMs: () => 1 };

test('a listener on one address is that one, with the port that it got in the end', () => {
  let port = 0;
  const own = ownListeners('192.0.2.1', () => port, clock);
  port = 2525;
  expect(own()).toEqual([{ address: '192.0.2.1', port: 2525 }]);
});

test('a listener on every address is one on each address of the machine', () => {
  for (const bind of ['0.0.0.0', '::']) {
    expect(ownListeners(bind, () => 2525, clock)()).toContainEqual({ address: '127.0.0.1', port: 2525 });
  }
});
