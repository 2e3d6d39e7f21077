// What an operator counts by: a refusal for good is one reception and one bounce, a refusal for now one reception and one deferral.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] } });
  await world.host('mx.fail.example', {
    RCPT: ({ line }) =>
      /<(?:permfail|tempfail)@/.test(line) ? (line.includes('perm') ? '550 5.1.1 no such user\r\n' : '450 4.2.1 later\r\n') : '250 ok\r\n',
  });
  world.mx('fail.example', 'mx.fail.example');
});
afterAll(() => world?.close());

it('5xx to a recipient makes exactly an accepted and a bounced event', async () => {
  await world.send('permfail@fail.example');
  const [, bounced] = await world.story('permfail@fail.example', 'accepted', 'bounced');
  expect(bounced).toMatchObject({ attempt: 1, scope: 'recipient', reply: { code: 550, enhanced: '5.1.1' }, nextAttemptAt: null });
});

it('4xx to a recipient makes exactly an accepted and a deferred event, with the time of the next attempt', async () => {
  await world.send('tempfail@fail.example');
  const [, deferred] = await world.story('tempfail@fail.example', 'accepted', 'deferred');
  expect(deferred).toMatchObject({ attempt: 1, scope: 'recipient', reply: { code: 450, enhanced: '4.2.1' } });
  expect(deferred?.nextAttemptAt).toBeGreaterThan(Date.now() + 1_000_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(world.events('tempfail@fail.example')).toHaveLength(2);
});
