// Receivers that greylist, against a whole engine: the same source comes back, unless something stops it.
import { describe, expect, it } from 'vitest';
import type { RecipientEntry } from './entry.ts';
import type { EgressPath } from './egress-path.ts';
import { engineRig, limitEntity, settingEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';

const four = (): SampleEntity[] => [
  ...[1, 2, 3, 4].map((number) => sourceEntity(number)),
  poolEntity(
    1,
    [1, 2, 3, 4].map((n) => ({ sourceId: id(100 + n), weight: 1 })),
  ),
  ...tenantEntities(1, 1, { retrySeconds: [60] }),
];
const greylisted = { code: 451, enhanced: '4.7.1', text: 'Greylisting in action, please come back', command: 'rcpt' as const };

/** Lets a recipient in when it comes from a source that was turned away before. */
function greylist(domain = 'grey.example') {
  const known = new Set<string>();
  const tries = new Map<string, string[]>();
  return {
    tries,
    outcome(entry: RecipientEntry, { source }: EgressPath) {
      tries.set(entry.recipient, [...(tries.get(entry.recipient) ?? []), source.id]);
      const key = `${source.id} ${entry.recipient}`;
      if (entry.domain !== domain || known.has(key)) return {};
      known.add(key);
      return { kind: 'deferred' as const, reply: greylisted };
    },
  };
}
async function send(rig: EngineRig, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await rig.inject({ recipients: [`r${n}@grey.example`] });
}

describe('mail of a domain that greylists', () => {
  it('is retried from the source of its last attempt, and so gets in with the second', async () => {
    const receiver = greylist();
    const rig = await engineRig(four(), { outcome: receiver.outcome });
    await send(rig, 40);
    await rig.clock.advance(3 * 60_000);
    expect(rig.spool.entries()).toEqual([]);
    const tries = [...receiver.tries.values()];
    expect(tries.every(([first, second]) => first === second)).toBe(true);
    expect(tries.every(({ length }) => length === 2)).toBe(true);
    expect(new Set(tries.flat()).size).toBe(4);
  });

  it('goes by turn where the setting says so', async () => {
    const receiver = greylist();
    const rig = await engineRig([...four(), settingEntity(1, {}, { greylistSameSource: false })], { outcome: receiver.outcome });
    await send(rig, 40);
    await rig.clock.advance(3 * 60_000);
    expect([...receiver.tries.values()].some(([first, second]) => first !== second)).toBe(true);
  });

  it('goes out through a mate when its source is suspended', async () => {
    const receiver = greylist();
    const rig = await engineRig(four(), { outcome: receiver.outcome });
    await send(rig, 1);
    await rig.clock.advance(1000);
    const [[first] = []] = receiver.tries.values();
    await rig.command(commandOf('suspend', { source: first }, { number: 1, nowMs: rig.clock.nowMs() }));
    await rig.clock.advance(3 * 60_000);
    expect(rig.spool.entries()).toEqual([]);
    const [tries = []] = receiver.tries.values();
    expect(tries.slice(1)).not.toContain(first);
  });

  it('goes out through a mate when a limit stops its source', async () => {
    const receiver = greylist();
    const limit = limitEntity(1, { where: {}, by: ['source'], kind: 'message_rate', count: 1, perSeconds: 3600 });
    const rig = await engineRig([...four(), limit], { outcome: receiver.outcome });
    await send(rig, 1);
    await rig.clock.advance(10 * 60_000);
    const [tries = []] = receiver.tries.values();
    expect(tries.length).toBeGreaterThan(1);
    expect(tries[1]).not.toBe(tries[0]);
  });

  it('keeps other domains to their turns', async () => {
    const receiver = greylist();
    const rig = await engineRig(four(), {
      outcome: (entry, path) =>
        entry.domain === 'busy.example' && entry.attempts === 0
          ? (receiver.outcome(entry, path), { kind: 'deferred', reply: { ...greylisted, text: 'busy' } })
          : receiver.outcome(entry, path),
    });
    for (let n = 0; n < 40; n++) await rig.inject({ recipients: [`r${n}@busy.example`] });
    await rig.clock.advance(3 * 60_000);
    expect([...receiver.tries.values()].some(([first, second]) => first !== second)).toBe(true);
  });
});
