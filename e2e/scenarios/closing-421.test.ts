// 421 ends a session in the middle of its work and speaks for the host: the message that heard it is deferred and the path rests, but the
// message behind it loses no attempt, and both arrive.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer } from './testing/receiver.ts';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [1] } });
});
afterAll(() => world?.close());

const once = (): Answer => {
  let left = 1;
  return ({ socket }) => {
    if (left-- <= 0) return '250 2.0.0 ok\r\n';
    socket.end('421 4.3.2 shutting down\r\n');
    return null;
  };
};

it('421 to MAIL, RCPT or the message defers one message once; it and the one behind it are delivered', async () => {
  const check = async (verb: 'MAIL' | 'RCPT' | 'message'): Promise<void> => {
    const domain = `${verb.toLowerCase()}-421.example`;
    const host = await world.host(`mx.${domain}`, { [verb]: once() });
    world.mx(domain, `mx.${domain}`);
    await world.send(`first@${domain}`);
    await expect.poll(() => world.events(`first@${domain}`).length, { timeout: 10_000 }).toBe(2);
    await world.send(`second@${domain}`);
    const [, deferred] = await world.story(`first@${domain}`, 'accepted', 'deferred', 'delivered');
    expect(deferred).toMatchObject({ attempt: 1, reply: { code: 421 }, scope: 'session' });
    const [, delivered] = await world.story(`second@${domain}`, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
    expect(host.messages).toHaveLength(2);
  };
  await Promise.all([check('MAIL'), check('RCPT'), check('message')]);
});
