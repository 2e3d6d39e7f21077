// Sources that cannot send, with real sockets: an address that is not on the machine and one that comes to it, a proxy that dies and comes
// back, and what stays out over kill -9. Read from the decisions and the file that the engine keeps, since no console takes them here.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '@sluice/contract';
import { afterEach, expect, it } from 'vitest';
import { startHaproxy, type Proxy } from './testing/proxies.ts';
import { id, startWorld, type World } from './testing/world.ts';

const soon = { timeout: 30_000 };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function lines(world: World, file: string): Record<string, unknown>[] {
  try {
    const text = readFileSync(join(world.dataDir, 'sandbox', 'config', file), 'utf8');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  } catch {
    return [];
  }
}
const decided = (world: World): Decision[] => lines(world, 'decisions.jsonl') as unknown as Decision[];
const out = (world: World): unknown[] => lines(world, 'source-health.jsonl').map(({ sourceId, reason }) => [sourceId, reason]);

async function worldOf(sources: Record<string, unknown>[]): Promise<World> {
  const world = await startWorld({ sources });
  closing.push(() => world.close());
  await world.host('mx.healthy.example');
  world.mx('healthy.example', 'mx.healthy.example');
  return world;
}
async function sendAll(world: World, names: string[]): Promise<(string | null | undefined)[]> {
  for (const name of names) await world.send(`${name}@healthy.example`);
  const sources: (string | null | undefined)[] = [];
  for (const name of names) {
    const [, delivered] = await world.story(`${name}@healthy.example`, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
    sources.push(delivered?.sourceId);
  }
  return sources;
}

it('a source whose address is not here goes out with an alert, its mate has the mail, and kill -9 does not bring it back', async () => {
  const world = await worldOf([{ publicAddress: '192.0.2.78', bindAddress: '192.0.2.78' }, {}]);
  expect(new Set(await sendAll(world, ['a', 'b', 'c', 'd']))).toEqual(new Set([id(101)]));
  await expect.poll(() => out(world), soon).toEqual([[id(100), 'address_missing']]);
  expect(decided(world)).toMatchObject([
    {
      kind: 'source_health',
      action: 'take_out',
      alert: true,
      subject: { source: id(100) },
      sentence: expect.stringContaining('EADDRNOTAVAIL'),
    },
  ]);
  await world.kill();
  await world.start();
  const tried = world.events(null).length;
  expect(new Set(await sendAll(world, ['e', 'f', 'g', 'h']))).toEqual(new Set([id(101)]));
  // No connect was tried through it.
  expect(world.events(null)).toHaveLength(tried);
  expect(out(world)).toEqual([[id(100), 'address_missing']]);
});

/** Gives the machine an address for the test; false where that is not allowed. */
function addAddress(address: string): boolean {
  const given = spawnSync('ip', ['addr', 'add', `${address}/32`, 'dev', 'lo']).status === 0;
  if (given) closing.push(() => spawnSync('ip', ['addr', 'del', `${address}/32`, 'dev', 'lo']));
  return given;
}

it('an address that comes to the machine brings its source back, and the mail that waited for it goes', async ({ skip }) => {
  const address = '192.0.2.178';
  const world = await worldOf([{ publicAddress: address, bindAddress: address }]);
  await world.send('late@healthy.example');
  await expect.poll(() => out(world), soon).toEqual([[id(100), 'address_missing']]);
  expect(world.events('late@healthy.example').map(({ type }) => type)).toEqual(['accepted']);
  if (!addAddress(address)) skip('needs the right to give this machine an address');
  const [, delivered] = await world.story('late@healthy.example', 'accepted', 'delivered');
  expect(delivered).toMatchObject({ attempt: 1, sourceId: id(100) });
  expect(decided(world).map(({ action }) => action)).toEqual(['take_out', 'take_back']);
  await expect.poll(() => out(world), soon).toEqual([]);
});

it('a proxy that dies takes its source out, and brings it back when it is there again', async () => {
  let proxy: Proxy = await startHaproxy();
  const { port } = proxy;
  closing.push(() => proxy.close());
  const through = { kind: 'haproxy', host: '127.42.2.1', port };
  const world = await worldOf([{ proxy: through }, {}]);
  const both = await sendAll(
    world,
    Array.from({ length: 10 }, (_, n) => `first${n}`),
  );
  expect(new Set(both)).toEqual(new Set([id(100), id(101)]));
  await proxy.close();
  // Several sites fail: each path rests after its first failure.
  for (let n = 0; n < 6; n++) {
    await world.host(`mx.other${n}.example`);
    world.mx(`other${n}.example`, `mx.other${n}.example`);
    await world.send([`x@other${n}.example`]);
    await world.send([`y@other${n}.example`]);
  }
  await expect.poll(() => out(world), soon).toEqual([[id(100), 'proxy_dead']]);
  for (let n = 0; n < 6; n++) for (const name of ['x', 'y']) await world.story(`${name}@other${n}.example`, 'accepted', 'delivered');
  expect(new Set(await sendAll(world, ['p', 'q', 'r', 's']))).toEqual(new Set([id(101)]));
  proxy = await startHaproxy(port);
  await expect.poll(() => out(world), { timeout: 60_000 }).toEqual([]);
  const again = await sendAll(
    world,
    Array.from({ length: 10 }, (_, n) => `again${n}`),
  );
  expect(new Set(again)).toEqual(new Set([id(100), id(101)]));
}, 120_000);
