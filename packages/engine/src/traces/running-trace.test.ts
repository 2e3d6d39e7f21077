// The bounds of one trace: what waits, what was dropped, and when it is over.
import { describe, expect, it } from 'vitest';
import { traceBounds } from '@sluice/contract';
import { traceOrder } from '../testing/sample-trace.ts';
import { RunningTrace, waitingLines } from './running-trace.ts';

const line = (text: string) => ({ session: 1, at: '2026-11-23T00:00:00.000Z', sinceMs: 0, kind: 'sent' as const, text });

describe('a trace', () => {
  it('keeps the newest lines while nobody takes them, counts those that gave way, and numbers what it hands over without gaps', () => {
    const trace = new RunningTrace(traceOrder({ domain: 'x.example' }, { lines: 10_000 }));
    for (let number = 0; number < waitingLines + 7; number++) trace.add(line(`${number}`));
    const texts: string[] = [];
    const seqs: number[] = [];
    let last = trace.take();
    for (let batch = last; batch; batch = trace.take()) {
      last = batch;
      expect(batch.lines.length).toBeLessThanOrEqual(traceBounds.batchLines);
      texts.push(...batch.lines.map(({ text }) => text));
      seqs.push(...batch.lines.map(({ seq }) => seq));
    }
    expect([texts.length, texts[0], texts.at(-1)]).toEqual([waitingLines, '7', `${waitingLines + 6}`]);
    expect(seqs).toEqual(texts.map((_, index) => index + 1));
    expect(last?.report).toMatchObject({ dropped: 7, lines: waitingLines, ended: null });
  });

  it('ends by itself after its lines, and tells its end with the last of them', () => {
    const trace = new RunningTrace(traceOrder({ domain: 'x.example' }, { lines: 3 }));
    for (const text of ['a', 'b', 'c', 'd']) trace.add(line(text));
    expect(trace.take()).toMatchObject({ lines: [{ text: 'a' }, { text: 'b' }, { text: 'c' }], report: { ended: 'lines' } });
    expect(trace.take()).toBeNull();
  });

  it('ends after as many characters as one trace may have', () => {
    const trace = new RunningTrace(traceOrder({ domain: 'x.example' }, { lines: 10_000 }));
    const long = 'x'.repeat(traceBounds.lineChars);
    for (let number = 0; number * long.length < traceBounds.textChars; number++) trace.add(line(long));
    expect(trace.ended).toBe('characters');
  });

  it('watches no more sessions than asked for, and is over when the last of them closed', () => {
    const trace = new RunningTrace(traceOrder({ domain: 'x.example' }, { sessions: 2 }));
    expect([trace.openSession(), trace.openSession(), trace.openSession()]).toEqual([1, 2, null]);
    trace.sessionClosed();
    expect(trace.ended).toBeNull();
    trace.sessionClosed();
    expect(trace.ended).toBe('sessions');
  });

  it('goes on counting where it was before the node was started anew', () => {
    const trace = new RunningTrace(
      traceOrder({ domain: 'x.example' }, { sessions: 4, lines: 12, already: { sessions: 3, lines: 10, dropped: 0 } }),
    );
    expect(trace.openSession()).toBe(4);
    trace.add(line('a'));
    expect(trace.take()?.lines[0]?.seq).toBe(11);
    trace.add(line('b'));
    expect(trace.ended).toBe('lines');
  });
});
