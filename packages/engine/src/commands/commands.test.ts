// Commands on disk and off it.
import { describe, expect, it } from 'vitest';
import type { CommandScope, EngineCommand } from '@sluice/contract';
import { fakeClock } from '../testing/fake-clock.ts';
import { memoryRecordFile } from '../testing/memory-record-file.ts';
import { commandOf } from '../testing/sample-command.ts';
import { id } from '../testing/sample-config.ts';
import { Commands } from './commands.ts';

function rig() {
  const clock = fakeClock();
  const file = memoryRecordFile();
  const log = { info: () => undefined, warn: () => undefined };
  const start = async (): Promise<Commands> => {
    const commands = new Commands({ node: 'n1', file, clock, log });
    await commands.load();
    return commands;
  };
  const command = (
    kind: EngineCommand['kind'],
    number: number,
    scope: CommandScope = { source: id(101) },
    lastsMs: number | null = 60_000,
  ) => commandOf(kind, scope, { number, nowMs: clock.nowMs(), lastsMs });
  return { clock, file, start, command };
}
const mail = { tenant: id(1), stream: id(301), campaign: 'spring', domain: 'x.example', provider: 'gmail', site: 'mx.x.example' };

describe('Commands', () => {
  it('says failed while a command cannot be kept, and keeps it when it is offered again', async () => {
    const { clock, file, start, command } = rig();
    const commands = await start();
    const suspend = command('suspend', 1);
    file.failing = true;
    expect((await commands.apply(suspend)).status).toBe('failed');
    expect(commands.sourceHeldUntil(id(101), clock.nowMs())).toBe(clock.nowMs() + 60_000);
    file.failing = false;
    expect((await commands.apply(suspend)).status).toBe('applied');
    expect((await start()).sourceHeldUntil(id(101), clock.nowMs())).toBe(clock.nowMs() + 60_000);
  });

  it('does not take up a command whose time was over before it arrived', async () => {
    const { clock, start, command } = rig();
    const suspend = command('suspend', 1, { source: id(101) }, 1000);
    await clock.advance(2000);
    const commands = await start();
    expect(await commands.apply(suspend)).toMatchObject({ status: 'applied', matched: 0, message: expect.stringContaining('over') });
    expect(commands.touchesMail).toBe(false);
  });

  it('does at a start what was to be done once while nobody ran, and what had long been done then is not done again', async () => {
    const { clock, start, command } = rig();
    const later = { ...command('retry', 1, { domain: 'x.example' }, null), startsAt: new Date(clock.nowMs() + 5_000).toISOString() };
    await (await start()).apply(later);
    const begunAfter = async (ms: number): Promise<string[]> => {
      await clock.advance(ms);
      const begun: string[] = [];
      const commands = await start();
      commands.connect({
        begin: (one) => Promise.resolve(begun.push(one.id)),
        count: () => Promise.resolve(0),
        ended: () => undefined,
      });
      expect(commands.nextChangeMs(clock.nowMs())).toBeLessThan(Infinity);
      commands.timePassed(clock.nowMs());
      return begun;
    };
    expect(await begunAfter(60_000)).toEqual([later.id]);
    expect(await begunAfter(3_600_000)).toEqual([]);
  });

  it('forgets commands that can no longer matter, and reads past a damaged line', async () => {
    const { clock, file, start, command } = rig();
    const commands = await start();
    await commands.apply(command('resume', 1, { source: id(101) }, null));
    await clock.advance(9 * 86_400_000);
    await commands.apply(command('suspend', 2, { source: id(102) }));
    expect(file.lines.length).toBe(1);
    file.lines.unshift('{"damaged":');
    const again = await start();
    expect([...again.suspendedSources(clock.nowMs())]).toEqual([id(102)]);
    expect(again.nextChangeMs(clock.nowMs())).toBe(clock.nowMs() + 60_000);
  });

  it('keeps suspensions that were stored in their first form', async () => {
    const { clock, file, start, command } = rig();
    const { cutoffAt: _cutoff, startsAt: _starts, poolId: _pool, targetId: _target, ...old } = command('suspend', 1);
    file.lines.push(JSON.stringify({ ...old, scope: { sourceId: id(101) } }));
    expect([...(await start()).suspendedSources(clock.nowMs())]).toEqual([id(101)]);
  });

  it('refuses a scope that names nothing, names what it does not know, or does not fit the kind', async () => {
    const { start, command } = rig();
    const commands = await start();
    for (const given of [
      { ...command('suspend', 1), scope: {} },
      { ...command('suspend', 2), scope: { source: id(101), weekday: 'monday' } },
      { ...command('cancel', 3), scope: { tenant: id(1), node: 'n1' } },
      { ...command('flush_connections', 4), scope: { tenant: id(1) } },
      { ...command('move', 5), scope: { tenant: id(1) } },
    ])
      expect([given.id, (await commands.apply(given)).status]).toEqual([given.id, 'failed']);
    expect(commands.touchesMail).toBe(false);
  });

  it('matches all that the scope names and nothing that is not known yet', async () => {
    const { clock, start, command } = rig();
    const commands = await start();
    await commands.apply(command('suspend', 1, { provider: 'gmail', tenant: id(1) }));
    const held = (changes: object): boolean => commands.holding({ ...mail, ...changes }, clock.nowMs()) !== null;
    expect(held({})).toBe(true);
    expect(held({ tenant: id(2) })).toBe(false);
    expect(held({ provider: 'yahoo' })).toBe(false);
    expect(held({ provider: undefined })).toBe(false);
    await clock.advance(60_001);
    expect(held({})).toBe(false);
  });

  it('lets a later resume of part of a suspension go, and one of all of it end it', async () => {
    const { clock, start, command } = rig();
    const commands = await start();
    await commands.apply(command('suspend', 1, { provider: 'gmail' }));
    await clock.advance(10);
    await commands.apply(command('resume', 2, { domain: 'x.example' }));
    expect(commands.holding(mail, clock.nowMs())).toBeNull();
    expect(commands.holding({ ...mail, domain: 'y.example' }, clock.nowMs())).not.toBeNull();
    await commands.apply(command('resume', 3, { provider: 'gmail' }));
    expect(commands.touchesMail).toBe(false);
  });

  it('ends only what was accepted up to the cut-off, from its start on, and nothing once withdrawn', async () => {
    const { clock, start, command } = rig();
    const commands = await start();
    const nowMs = clock.nowMs();
    const cancel = commandOf('cancel', { campaign: 'spring' }, { number: 1, nowMs, cutoffMs: nowMs, startsMs: nowMs + 10_000 });
    expect(await commands.apply(cancel)).toMatchObject({ status: 'applied', message: expect.stringContaining('begins at') });
    expect(commands.ending(mail, nowMs, nowMs)).toBeNull();
    await clock.advance(10_000);
    commands.timePassed(clock.nowMs());
    expect(commands.ending(mail, nowMs, clock.nowMs())?.id).toBe(cancel.id);
    expect(commands.ending(mail, nowMs + 1, clock.nowMs())).toBeNull();
    const again = await start();
    expect(again.ending(mail, nowMs, clock.nowMs())?.id).toBe(cancel.id);
    await again.apply({ ...command('withdraw', 2, { campaign: 'spring' }), targetId: cancel.id });
    expect(again.ending(mail, nowMs, clock.nowMs())).toBeNull();
    expect(await again.apply(cancel)).toMatchObject({ status: 'applied', message: 'it was withdrawn before it arrived' });
  });

  it('obeys a command that names another node by doing nothing', async () => {
    const { clock, start, command } = rig();
    const commands = await start();
    await commands.apply(command('drain', 1, { node: 'n2' }));
    expect(commands.draining(clock.nowMs())).toBeNull();
    await commands.apply(command('drain', 2, { node: 'n1' }));
    expect((await start()).draining(clock.nowMs())?.id).toBe(id(5002));
    await clock.advance(10);
    await commands.apply(command('undrain', 3, { node: 'n1' }));
    expect((await start()).draining(clock.nowMs())).toBeNull();
  });
});
