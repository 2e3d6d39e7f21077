// It fades, and it cannot grow without end.
import { expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { ShortMemory } from './short-memory.ts';

const hourMs = 60 * 60_000;

it('forgets a host after the time it was told', async () => {
  const clock = fakeClock();
  const hosts = new ShortMemory(clock);
  hosts.add('mx.example', hourMs);
  await clock.advance(59 * 60_000);
  expect(hosts.has('mx.example')).toBe(true);
  await clock.advance(60_001);
  expect(hosts.has('mx.example')).toBe(false);
});

it('drops the oldest of too many hosts', () => {
  const hosts = new ShortMemory(fakeClock());
  for (let index = 0; index <= 10_000; index += 1) hosts.add(`mx${index}.example`, hourMs);
  expect([hosts.has('mx0.example'), hosts.has('mx1.example'), hosts.has('mx10000.example')]).toEqual([false, true, true]);
});

it('remembers nothing when told so', () => {
  const hosts = new ShortMemory(fakeClock());
  hosts.add('mx.example', 0);
  expect(hosts.has('mx.example')).toBe(false);
});
