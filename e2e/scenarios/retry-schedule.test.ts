// The first attempt is made at once, the next ones when the stream's list says, or a rule for the domain.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const retry = { kind: 'exponential', firstSeconds: 1, factor: 2, capSeconds: 3 };
  world = await startWorld({
    stream: { retrySeconds: [1, 2, 4] },
    entities: [{ kind: 'setting', id: id(80), body: { name: 'doubling', where: { domain: 'doubling.example' }, values: { retry } } }],
  });
});
afterAll(() => world?.close());

it.concurrent.each([
  ['retry.example', 'the list of the stream', [1, 2, 4]],
  ['doubling.example', 'doubling up to a cap', [1, 2, 3]],
])('%s: attempts come at once and then by %s, within half of each interval', async (domain, _what, intervals) => {
  let refusals = 3;
  const host = await world.host(`mx.${domain}`, { RCPT: () => (refusals-- > 0 ? '450 4.2.0 later\r\n' : '250 ok\r\n') });
  world.mx(domain, `mx.${domain}`);
  const begunAt = Date.now();
  await world.send(`jo@${domain}`);
  const story = await world.story(`jo@${domain}`, 'accepted', 'deferred', 'deferred', 'deferred', 'delivered');
  expect(story.map((event) => event.attempt)).toEqual([null, 1, 2, 3, 4]);
  const times = host.commands.filter(({ line }) => line.startsWith('RCPT')).map(({ atMs }) => atMs);
  expect((times[0] ?? 0) - begunAt).toBeLessThan(1_000);
  for (const [index, seconds] of intervals.entries()) {
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
