// A message that the disk has changed is never delivered, in whole or in part: it is set aside and reported, all others go on.
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { only, sender, startWorld, type World } from './testing/world.ts';

const mark = 'one octet of this will be another';
let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [4] } });
});
afterAll(() => world?.close());

/** Changes the octets of the mark wherever they lie in the spool; answers in how many places. */
function damage(): number {
  const folder = join(world.dataDir, 'sandbox', 'spool');
  let places = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const at = readFileSync(path).indexOf(mark);
    if (at < 0) continue;
    const file = openSync(path, 'r+');
    writeSync(file, 'X', at);
    closeSync(file);
    places++;
  }
  return places;
}

it('of two messages on disk the damaged one is never sent and counted as set aside, the other is delivered', async () => {
  const host = await world.host('mx.disk.example', { RCPT: '450 4.2.0 later\r\n' });
  world.mx('disk.example', 'mx.disk.example');
  await world.send('bad@disk.example', `From: <${sender}>\r\n\r\n${mark}`);
  await world.send('good@disk.example', `From: <${sender}>\r\n\r\nnothing happens to this`);
  for (const recipient of ['bad@disk.example', 'good@disk.example']) await world.story(recipient, 'accepted', 'deferred');
  await world.stop();
  expect(damage()).toBe(1);
  delete host.answers.RCPT;
  await world.start();
  await world.story('good@disk.example', 'accepted', 'deferred', 'delivered');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(only(host.messages).rcpts).toEqual(['RCPT TO:<good@disk.example>']);
  expect(world.events('bad@disk.example').at(-1)).toMatchObject({ type: 'deferred', detail: expect.stringContaining('set aside') });
  const metrics = await (await fetch(`${world.engineUrl}/metrics`)).text();
  expect(metrics).toMatch(/^sluice_set_aside_entries_total 1$/m);
});
