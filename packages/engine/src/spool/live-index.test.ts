// The index of what is live against a plain model of it, over random histories.
import { describe, expect, it } from 'vitest';
import { seededFraction } from '../testing/power-cut-files.ts';
import { LiveIndex, type RecordPlace } from './live-index.ts';

type Model = { place: RecordPlace; content: RecordPlace; known: RecordPlace; alive: Set<number>; retries: Map<number, RecordPlace> };

const idOf = (n: number): string =>
  n % 50 === 7 ? `not-a-uuid-${n}` : `0199aaaa-00${String(n % 90).padStart(2, '0')}-7000-8000-${(n * 7919).toString(16).padStart(12, '0')}`;

function run(seed: number, steps: number): { index: LiveIndex; model: Map<string, Model> } {
  const chance = seededFraction(seed);
  const pick = (below: number): number => Math.floor(chance() * below);
  const index = new LiveIndex();
  const model = new Map<string, Model>();
  let offset = 0;
  const somewhere = (): RecordPlace => ({ segment: 1 + pick(6), offset: (offset += 100), length: 1 + pick(90) });
  for (let n = 0; n < steps; n += 1) {
    const known = [...model.keys()];
    const messageId = chance() < 0.45 || known.length === 0 ? idOf(n) : known[pick(known.length)]!;
    const entry = model.get(messageId);
    const place = somewhere();
    if (entry === undefined) {
      const recipients = chance() < 0.7 ? 1 : 1 + pick(5);
      const content = somewhere();
      index.began(messageId, place, content, recipients, null);
      const alive = new Set(Array.from({ length: recipients }, (_, number) => number));
      model.set(messageId, { place, content, known: content, alive, retries: new Map() });
      continue;
    }
    const number = [...entry.alive][pick(entry.alive.size)]!;
    const kind = chance();
    if (kind < 0.5) {
      index.ended(messageId, number);
      entry.alive.delete(number);
      entry.retries.delete(number);
      if (entry.alive.size === 0) model.delete(messageId);
    } else if (kind < 0.8) {
      index.retried(messageId, number, place);
      entry.retries.set(number, place);
    } else {
      const content = chance() < 0.5 ? somewhere() : entry.content;
      const highest = index.get(messageId)!.recipients;
      index.began(messageId, place, content, highest, [...entry.alive]);
      Object.assign(entry, { place, content, retries: new Map() });
    }
  }
  return { index, model };
}

describe('the live index', () => {
  it('agrees with a plain model after any history: ids, places, live recipients, retries and sums', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { index, model } = run(seed, 3_000);
      expect(index.size).toBe(model.size);
      let entries = 0;
      let journal = 0;
      for (const [messageId, { place, content, known, alive, retries }] of model) {
        const found = index.get(messageId)!;
        expect(found).toMatchObject({ messageId, place, content, known, alive: [...alive].sort((a, b) => a - b) });
        expect(new Map(found.retries)).toEqual(retries);
        expect(index.currentRef(known)).toEqual(content);
        entries += alive.size;
        journal += place.length;
      }
      expect([index.liveEntries, index.liveJournalBytes]).toEqual([entries, journal]);
      for (let segment = 1; segment <= 6; segment += 1) {
        const here = [...model].filter(([, { place }]) => place.segment === segment).map(([messageId]) => messageId);
        expect(index.beganIn(segment)).toBe(here.length);
        expect([...index.inJournal(segment)].map(({ messageId }) => messageId).sort()).toEqual(here.sort());
        const bytes = [...model.values()]
          .filter(({ content }) => content.segment === segment)
          .reduce((sum, { content }) => sum + content.length, 0);
        expect(index.liveContentBytes(segment)).toBe(bytes);
        expect([...index.inContent(segment)].reduce((sum, { content }) => sum + content.length, 0)).toBe(bytes);
      }
    }
  });

  it('gives rows in the order of the journal, whatever was ended and used again in between', () => {
    const { index } = run(3, 2_000);
    const places = [...index.rowsInOrder()].map((row) => index.at(row)!.place);
    expect(places).toHaveLength(index.size);
    expect(places).toEqual([...places].sort((a, b) => a.segment - b.segment || a.offset - b.offset));
  });

  it('knows nothing of what ended, and takes no outcome of it', () => {
    const index = new LiveIndex();
    const place = { segment: 1, offset: 0, length: 10 };
    index.began(idOf(1), place, place, 1, null);
    index.ended(idOf(1), 1);
    expect(index.liveEntries).toBe(1);
    index.ended(idOf(1), 0);
    index.ended(idOf(1), 0);
    index.retried(idOf(1), 0, place);
    expect([index.size, index.liveEntries, index.liveJournalBytes, index.get(idOf(1))]).toEqual([0, 0, 0, null]);
  });
});

describe('an index after a replay', () => {
  it('knows each injection as before once the gaps between rows are closed', () => {
    const live = new LiveIndex();
    const idOf = (n: number): string => (n % 7 === 0 ? `named-${n}` : `0199aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`);
    const place = (offset: number) => ({ segment: 1, offset, length: 10 });
    for (let n = 0; n < 500; n += 1) live.began(idOf(n), place(n), { segment: 2, offset: n, length: 100 }, 1 + (n % 3), null);
    for (let n = 0; n < 500; n += 1) if (n % 5 !== 0) for (let index = 0; index <= n % 3; index += 1) live.ended(idOf(n), index);
    const before = Array.from({ length: 500 }, (_, n) => live.get(idOf(n)));
    const moves: [number, number][] = [];
    live.settle((from, to) => moves.push([from, to]));
    expect(Array.from({ length: 500 }, (_, n) => live.get(idOf(n)))).toEqual(before);
    expect([live.size, moves.every(([from, to]) => to < from), live.rowsInOrder().length]).toEqual([100, true, 100]);
    live.began(idOf(501), place(501), { segment: 2, offset: 501, length: 100 }, 1, null);
    live.ended(idOf(5), 0);
    expect([live.get(idOf(501))?.alive, live.get(idOf(0))?.alive]).toEqual([[0], [0]]);
  });
});
