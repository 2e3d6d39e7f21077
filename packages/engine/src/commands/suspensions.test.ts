// Commands on disk and off it.
import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '@sluice/contract';
import { fakeClock } from '../testing/fake-clock.ts';
import { memoryRecordFile } from '../testing/memory-record-file.ts';
import { id } from '../testing/sample-config.ts';
import { Suspensions } from './suspensions.ts';

function rig() {
  const clock = fakeClock();
  const file = memoryRecordFile();
  const log = { info: () => undefined, warn: () => undefined };
  const start = async (): Promise<Suspensions> => {
    const suspensions = new Suspensions({ node: 'n1', file, clock, log });
    await suspensions.load();
    return suspensions;
  };
  const command = (kind: EngineCommand['kind'], number: number, lastsMs: number | null = 60_000): EngineCommand => ({
    ...{
      id: id(number),
      kind,
      scope: { sourceId: id(101) },
      reason: 'a reason',
      issuedBy: 'test',
      issuedAt: new Date(clock.nowMs()).toISOString(),
    },
    expiresAt: lastsMs === null ? null : new Date(clock.nowMs() + lastsMs).toISOString(),
  });
  return { clock, file, start, command };
}

describe('Suspensions', () => {
  it('says failed while a command cannot be kept, and keeps it when it is offered again', async () => {
    const { clock, file, start, command } = rig();
    const suspensions = await start();
    const suspend = command('suspend', 1);
    file.failing = true;
    expect((await suspensions.apply(suspend)).status).toBe('failed');
    expect(suspensions.until(id(101), clock.nowMs())).toBe(clock.nowMs() + 60_000);
    file.failing = false;
    expect((await suspensions.apply(suspend)).status).toBe('applied');
    expect((await start()).until(id(101), clock.nowMs())).toBe(clock.nowMs() + 60_000);
  });

  it('does not take up a command whose time was over before it arrived', async () => {
    const { clock, start, command } = rig();
    const suspend = command('suspend', 1, 1000);
    await clock.advance(2000);
    const suspensions = await start();
    expect(await suspensions.apply(suspend)).toMatchObject({ status: 'applied', matched: 0, message: expect.stringContaining('over') });
    expect(suspensions.until(id(101), clock.nowMs())).toBeNull();
  });

  it('forgets commands that can no longer matter, and reads past a damaged line', async () => {
    const { clock, file, start, command } = rig();
    const suspensions = await start();
    await suspensions.apply(command('resume', 1, null));
    await clock.advance(9 * 86_400_000);
    await suspensions.apply({ ...command('suspend', 2), scope: { sourceId: id(102) } });
    expect(file.lines.length).toBe(1);
    file.lines.unshift('{"damaged":');
    const again = await start();
    expect(again.suspendedSources(clock.nowMs())).toEqual([id(102)]);
    expect(again.nextEndMs(clock.nowMs())).toBe(clock.nowMs() + 60_000);
  });
});
