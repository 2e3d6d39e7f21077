// A server that takes only so many recipients of a transaction: the rest goes on at once over the same connection, each recipient once,
// none with an attempt lost; and what the site took at most is kept to afterwards.
import { expect, it } from 'vitest';
import type { Outcome } from './entry.ts';
import { engineRig, settingEntity, type EngineRig } from './testing/engine-rig.ts';
import { smallConfig } from './testing/sample-config.ts';
import { commandOf } from './testing/sample-command.ts';

const tooMany: Partial<Outcome> = {
  kind: 'deferred',
  scope: 'recipient',
  reply: { code: 452, enhanced: '4.5.3', text: 'too many recipients', command: 'rcpt' },
};

/** Takes `most` recipients of every transaction; each transaction lasts a second. */
async function choosyRig(most: number, chains = false): Promise<EngineRig> {
  let now = '';
  let seen = 0;
  return engineRig([...smallConfig(), settingEntity(1, {}, { connectionsPerPath: 1 })], {
    chains,
    deliverMs: () => 1000,
    outcome: (_entry, path, transaction) => {
      const key = `${path.key} ${transaction}`;
      seen = key === now ? seen + 1 : 1;
      now = key;
      return seen > most ? tooMany : {};
    },
  });
}
const recipients = (count: number) => Array.from({ length: count }, (_, n) => `r${n}@a.example`);
const sizes = (rig: EngineRig) => rig.remote.deliveries.map(({ entries }) => entries.length);

it('sends the rest in the next transactions of the same connection, at once and without an attempt', async () => {
  const rig = await choosyRig(3);
  await rig.inject({ recipients: recipients(8) });
  await rig.clock.advance(3_500);
  expect(sizes(rig)).toEqual([8, 5, 2]);
  expect(rig.remote.connects).toHaveLength(1);
  const events = rig.spool.events.map(({ type, attempt, recipient }) => [type, attempt, recipient]);
  expect(events).toEqual(recipients(8).map((recipient) => ['delivered', 1, recipient]));
  expect([rig.engine.status().entries, rig.spool.entries()]).toEqual([0, []]);
});

it('keeps to what the site took for the messages that follow', async () => {
  const rig = await choosyRig(3);
  await rig.inject({ recipients: recipients(5) });
  await rig.clock.advance(5_000);
  await rig.inject({ recipients: recipients(7) });
  await rig.clock.advance(10_000);
  expect(sizes(rig)).toEqual([5, 2, 3, 3, 1]);
});

it('loses none and doubles none where transactions are chained', async () => {
  const rig = await choosyRig(4, true);
  for (let n = 0; n < 5; n++) await rig.inject({ recipients: recipients(10) });
  await rig.clock.advance(60_000);
  expect(rig.spool.events.map(({ type, attempt }) => `${type} ${attempt}`)).toEqual(Array.from({ length: 50 }, () => 'delivered 1'));
  expect(rig.engine.status().entries).toBe(0);
});

it('gives a recipient that is refused alone its attempt, and no end of tries', async () => {
  const rig = await choosyRig(0);
  await rig.inject({ recipients: recipients(3) });
  await rig.clock.advance(5_000);
  expect(sizes(rig)).toEqual([3]);
  expect(rig.spool.events.map(({ type, attempt }) => `${type} ${attempt}`)).toEqual(['deferred 1', 'deferred 1', 'deferred 1']);
});

it('does not go on with what a command cancels', async () => {
  const rig = await choosyRig(2);
  await rig.inject({ recipients: recipients(6) });
  await rig.clock.advance(1_500);
  const nowMs = rig.clock.nowMs();
  await rig.command(commandOf('cancel', { domain: 'a.example' }, { number: 1, nowMs, cutoffMs: nowMs }));
  await rig.clock.advance(20_000);
  expect(sizes(rig)).toEqual([6, 4]);
  expect(rig.spool.events.map(({ type }) => type).toSorted()).toEqual([...Array(2).fill('cancelled'), ...Array(4).fill('delivered')]);
});
