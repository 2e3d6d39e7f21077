import { describe, expect, it } from 'vitest';
import type { Decision } from '@sluice/contract';
import { fakeClock, seededRandom } from '../testing/fake-clock.ts';
import { memoryRecordFile } from '../testing/memory-record-file.ts';
import { Decisions, maxUnshipped, type TellDecision } from './decisions.ts';

const slowed: TellDecision = { kind: 'automation', action: 'reduce', subject: { provider: 'gmail' }, sentence: 'slower', alert: false };

function rig(file = memoryRecordFile()) {
  const clock = fakeClock();
  const taken: Decision[] = [];
  const away = { is: false };
  const sink = {
    take(some: readonly Decision[]) {
      if (away.is) return Promise.reject(new Error('away'));
      taken.push(...some);
      return Promise.resolve();
    },
  };
  const log = { info: () => undefined, warn: () => undefined };
  const decisions = new Decisions({ clock, random: seededRandom(), log, file, sink, node: 'n1' });
  return { clock, taken, away, file, decisions };
}

describe('a decision', () => {
  it('is on disk until it is taken over, and then no more', async () => {
    const { clock, taken, away, file, decisions } = rig();
    await decisions.start();
    away.is = true;
    decisions.tell(slowed);
    await clock.advance(5000);
    expect([file.lines.length, taken.length]).toEqual([1, 0]);
    away.is = false;
    await clock.advance(60_000);
    expect([file.lines.length, taken.length, decisions.waiting]).toEqual([0, 1, 0]);
  });

  it('that was not taken over when the engine died is taken over by the next', async () => {
    const first = rig();
    first.away.is = true;
    await first.decisions.start();
    const { id } = first.decisions.tell(slowed);
    await first.clock.settle();
    const next = rig(first.file);
    await next.decisions.start();
    await next.clock.advance(2000);
    expect(next.taken.map((one) => one.id)).toEqual([id]);
  });

  it('with an id of its own is told once', async () => {
    const { clock, taken, decisions } = rig();
    const id = '0199aaaa-0000-7000-8000-000000000001';
    decisions.tell({ ...slowed, id });
    decisions.tell({ ...slowed, id });
    await decisions.stop();
    await clock.advance(1000);
    expect(taken.length).toBe(1);
  });

  it('is kept in full when the disk had no room for a while', async () => {
    const { away, file, decisions } = rig();
    away.is = true;
    file.failing = true;
    decisions.tell(slowed);
    await Promise.resolve();
    file.failing = false;
    await decisions.stop();
    decisions.tell(slowed);
    await decisions.stop();
    expect(file.lines.length).toBe(2);
  });

  it('that nobody takes makes room for newer ones past the bound, which counts it', async () => {
    const { away, decisions, file } = rig();
    away.is = true;
    for (let n = 0; n < maxUnshipped + 3; n++) decisions.tell({ ...slowed, sentence: `number ${n}` });
    await decisions.stop();
    expect([decisions.waiting, decisions.forgotten, file.lines.length]).toEqual([maxUnshipped, 3, maxUnshipped]);
    expect(file.lines[0]).toContain('number 3');
  });

  it('does not keep the engine from ending while whoever takes it does not answer', async () => {
    const { clock, file } = rig();
    const log = { info: () => undefined, warn: () => undefined };
    const sink = { take: () => new Promise<void>(() => undefined) };
    const decisions = new Decisions({ clock, random: seededRandom(), log, file, sink, node: 'n1' });
    decisions.tell(slowed);
    const stopped = decisions.stop();
    await clock.advance(2000);
    await stopped;
    expect(file.lines.length).toBe(1);
  });
});
