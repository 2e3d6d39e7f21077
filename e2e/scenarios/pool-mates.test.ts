// Sources of a pool stand in for each other: for one whose address the machine does not have, and for one that has used up its day.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, startWorld, type World } from './testing/world.ts';

const worlds: World[] = [];
let broken: World;
let limited: World;
beforeAll(async () => {
  broken = await startWorld({ sources: [{ bindAddress: '192.0.2.77' }, {}], stream: { retrySeconds: [3600] } });
  worlds.push(broken);
  const twoADay = { where: { source: id(100) }, by: ['source'], kind: 'message_rate', count: 2, perSeconds: 86_400, burst: 1 };
  limited = await startWorld({ sources: [{}, {}], entities: [{ kind: 'limit', id: id(60), body: { name: 'two a day', ...twoADay } }] });
  worlds.push(limited);
});
afterAll(async () => {
  for (const world of worlds) await world.close();
});

/** The sources that ten messages went out from. */
async function sourcesOfTen(world: World): Promise<(string | null | undefined)[]> {
  await world.host('mx.pool.example');
  world.mx('pool.example', 'mx.pool.example');
  const recipients = Array.from({ length: 10 }, (_, index) => `r${index}@pool.example`);
  for (const recipient of recipients) await world.send(recipient);
  const sources: (string | null | undefined)[] = [];
  for (const recipient of recipients) {
    const [, delivered] = await world.story(recipient, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
    sources.push(delivered?.sourceId);
  }
  return sources;
}

it('all mail goes out from the mate of a source without an address, at the first attempt', async () => {
  expect(new Set(await sourcesOfTen(broken))).toEqual(new Set([id(101)]));
  expect(broken.events(null).find(({ sourceId }) => sourceId === id(100))).toMatchObject({ type: 'path_deferred' });
});

it('two of ten go out from a source with two a day, the rest from its mate', async () => {
  const sources = await sourcesOfTen(limited);
  expect(sources.filter((source) => source === id(100))).toHaveLength(2);
  expect(sources.filter((source) => source === id(101))).toHaveLength(8);
});
