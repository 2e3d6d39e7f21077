// The first attempt is made at once, the next ones when the stream's list says.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [1, 2, 4] } });
});
afterAll(() => world?.close());

it('attempts come at once and then after 1, 2 and 4 seconds, within half of each', async () => {
  let refusals = 3;
  const host = await world.host('mx.retry.example', { RCPT: () => (refusals-- > 0 ? '450 4.2.0 later\r\n' : '250 ok\r\n') });
  world.mx('retry.example', 'mx.retry.example');
  const begunAt = Date.now();
  await world.send('jo@retry.example');
  const story = await world.story('jo@retry.example', 'accepted', 'deferred', 'deferred', 'deferred', 'delivered');
  expect(story.map((event) => event.attempt)).toEqual([null, 1, 2, 3, 4]);
  const times = host.commands.filter(({ line }) => line.startsWith('RCPT')).map(({ atMs }) => atMs);
  expect((times[0] ?? 0) - begunAt).toBeLessThan(1_000);
  for (const [index, seconds] of [1, 2, 4].entries()) {
    const waitedMs = (times[index + 1] ?? 0) - (times[index] ?? 0);
    expect(waitedMs).toBeGreaterThan(seconds * 500);
    expect(waitedMs).toBeLessThan(seconds * 1_500 + 500);
  }
});

it('a domain that does not exist bounces at once', async () => {
  world.dns.override('gone.example', 'MX', { kind: 'nxdomain' });
  world.dns.override('gone.example', 'A', { kind: 'nxdomain' });
  await world.send('jo@gone.example');
  const [, bounced] = await world.story('jo@gone.example', 'accepted', 'bounced');
  expect(bounced).toMatchObject({ bounceClass: 'bad_domain' });
});
