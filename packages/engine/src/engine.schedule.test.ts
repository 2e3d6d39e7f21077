// When an entry is tried: retry schedules and greatest age of the delivery settings, and what a message itself asks for.
import { describe, expect, it } from 'vitest';
import { noOptions } from './entry.ts';
import { engineRig, settingEntity } from './testing/engine-rig.ts';
import { smallConfig } from './testing/sample-config.ts';

const hour = 3_600_000;
const deferring = { outcome: () => ({ kind: 'deferred' as const }) };

function attemptSeconds(rig: Awaited<ReturnType<typeof engineRig>>, start: number, recipient: string): number[] {
  return rig.remote.deliveries
    .filter((delivery) => delivery.entries.some((entry) => entry.recipient === recipient))
    .map((delivery) => Math.floor((delivery.atMs - start) / 1000));
}

describe('retry schedules', () => {
  it('of a domain go before the list of the stream, and only there', async () => {
    const retry = { kind: 'exponential', firstSeconds: 100, factor: 2, capSeconds: 300 };
    const rig = await engineRig([...smallConfig(), settingEntity(1, { domain: 'slow.example' }, { retry })], deferring);
    const start = rig.clock.nowMs();
    await rig.inject({ recipients: ['a@slow.example', 'a@x.example'] });
    await rig.clock.advance(1100_000);
    const [, second = 0, third = 0, fourth = 0] = attemptSeconds(rig, start, 'a@slow.example');
    expect(second).toBeGreaterThanOrEqual(100);
    expect(second).toBeLessThanOrEqual(110);
    expect(third - second).toBeGreaterThanOrEqual(200);
    expect(fourth - third).toBeGreaterThanOrEqual(300);
    expect(fourth - third).toBeLessThanOrEqual(331);
    expect(attemptSeconds(rig, start, 'a@x.example')[1]).toBeLessThanOrEqual(66);
  });
});

describe('the greatest age', () => {
  it('of a setting ends an entry earlier or later than its stream would', async () => {
    const rig = await engineRig(
      [
        ...smallConfig(),
        settingEntity(1, { domain: 'short.example' }, { maxAgeSeconds: 600 }),
        settingEntity(2, { domain: 'long.example' }, { maxAgeSeconds: 86_400 }),
      ],
      deferring,
    );
    await rig.inject({ recipients: ['a@short.example', 'a@long.example', 'a@x.example'], lifeMs: hour });
    await rig.clock.advance(620_000);
    const expired = () => rig.spool.events.filter((event) => event.type === 'expired').map((event) => event.domain);
    expect(expired()).toEqual(['short.example']);
    await rig.clock.advance(2 * hour);
    expect(expired()).toEqual(['short.example', 'x.example']);
    await rig.clock.advance(23 * hour);
    expect(expired()).toEqual(['short.example', 'x.example', 'long.example']);
  });

  it('leaves a message that came with its own expiry alone, after a restart too', async () => {
    const rig = await engineRig([...smallConfig(), settingEntity(1, {}, { maxAgeSeconds: 86_400 })], deferring);
    await rig.inject({ recipients: ['a@x.example'], lifeMs: hour, options: { ...noOptions, ownExpiry: true } });
    const after = await rig.restart();
    await after.clock.advance(hour + 20_000);
    expect(after.spool.events.at(-1)).toMatchObject({ type: 'expired' });
    expect(after.spool.entries()).toEqual([]);
  });
});

describe('a first attempt', () => {
  it('is not made before the time that the message asks for, also after a restart', async () => {
    const rig = await engineRig(smallConfig());
    const start = rig.clock.nowMs();
    await rig.inject({ recipients: ['a@x.example'], options: { ...noOptions, notBefore: start + hour } });
    await rig.clock.advance(hour / 2);
    const after = await rig.restart();
    await after.clock.advance(hour / 2 - 1000);
    expect([...rig.remote.deliveries, ...after.remote.deliveries]).toEqual([]);
    await after.clock.advance(2000);
    expect(after.remote.deliveries.length).toBe(1);
  });
});

describe('a delivery window', () => {
  // The rig begins on 2027-01-15, a Friday, at 08:00 UTC.
  const later = { days: ['fri' as const], from: '10:00', to: '11:00', zone: 'UTC' };

  it('makes mail wait without an attempt, and nobody else', async () => {
    const rig = await engineRig([...smallConfig(), settingEntity(1, { domain: 'quiet.example' }, { window: later })]);
    expect(new Date(rig.clock.nowMs()).toISOString()).toBe('2027-01-15T08:00:00.000Z');
    for (const to of ['a@quiet.example', 'a@x.example']) await rig.inject({ recipients: [to] });
    await rig.clock.advance(2 * hour - 1000);
    expect(rig.remote.deliveries.flatMap((delivery) => delivery.entries.map((entry) => entry.recipient))).toEqual(['a@x.example']);
    await rig.clock.advance(2000);
    expect(rig.spool.events.at(-1)).toMatchObject({ type: 'delivered', recipient: 'a@quiet.example', attempt: 1 });
  });

  it('of the message goes before that of the settings; expiry holds outside it', async () => {
    const rig = await engineRig([...smallConfig(), settingEntity(1, {}, { window: later })]);
    const own = { ...later, from: '08:00', to: '09:00' };
    await rig.inject({ recipients: ['open@x.example'], options: { ...noOptions, window: own } });
    await rig.inject({ recipients: ['closed@x.example'], lifeMs: hour });
    await rig.clock.advance(hour + 20_000);
    expect(rig.spool.events.map((event) => [event.type, event.recipient, event.attempt])).toEqual([
      ['delivered', 'open@x.example', 1],
      ['expired', 'closed@x.example', 0],
    ]);
  });

  it('that closes takes back what a path had ready', async () => {
    const now = { ...later, from: '08:00', to: '08:10' };
    let refuse = true;
    const rig = await engineRig([...smallConfig(), settingEntity(1, {}, { window: now })], {
      refuse: () => (refuse ? 'connection refused' : null),
    });
    for (let n = 0; n < 20; n++) await rig.inject({ recipients: [`a${n}@x.example`] });
    await rig.clock.advance(11 * 60_000);
    refuse = false;
    await rig.clock.advance(5 * hour);
    expect(rig.remote.deliveries).toEqual([]);
    expect(rig.engine.status().entries).toBe(20);
  });
});
