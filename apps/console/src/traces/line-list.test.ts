// What the page of a trace keeps and finds.
import { describe, expect, it } from 'vitest';
import { matching, nothingKnown, sessionsIn, withLines, type Line } from './line-list.ts';

const line = (node: string, seq: number, over: Partial<Line> = {}): Line => ({
  ...{ node, seq, session: 1, at: '2026-11-23T00:00:00.000Z', sinceMs: 0, kind: 'sent', text: `line ${seq}` },
  ...over,
});

describe('lines of a trace', () => {
  it('are added once though an answer comes twice, each node by its own count', () => {
    const once = withLines(nothingKnown, [line('a', 1), line('b', 1), line('a', 2)]);
    const twice = withLines(once, [line('a', 2), line('a', 3), line('b', 1)]);
    expect(twice.lines.map(({ node, seq }) => `${node}${seq}`)).toEqual(['a1', 'b1', 'a2', 'a3']);
    expect(twice.after).toEqual({ a: 3, b: 1 });
    expect(withLines(twice, [line('a', 1)])).toBe(twice);
  });

  it('are bounded, and the page knows how many it let go', () => {
    const known = withLines(
      nothingKnown,
      [1, 2, 3, 4, 5].map((seq) => line('a', seq)),
      3,
    );
    expect(known.lines.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect([known.forgotten, known.after]).toEqual([2, { a: 5 }]);
  });

  it('are found by session and by text, whatever its case', () => {
    const lines = [
      line('a', 1, { text: 'RCPT TO:<Ann@x.example>' }),
      line('a', 2, { session: 2, text: 'rcpt to:<ann@x.example>' }),
      line('b', 1),
    ];
    expect(sessionsIn(lines)).toEqual(['a 1', 'a 2', 'b 1']);
    expect(matching(lines, { text: ' ann@ ', session: '' })).toHaveLength(2);
    expect(matching(lines, { text: 'ANN', session: 'a 2' }).map(({ seq }) => seq)).toEqual([2]);
    expect(matching(lines, { text: '', session: 'b 1' })).toHaveLength(1);
  });
});
