// A server answers 4xx and hangs up in the middle of a transaction: the message is deferred with the command that failed, and the one
// behind it is delivered.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answers } from './testing/receiver.ts';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] } });
});
afterAll(() => world?.close());

const hangUp = (reply: string): Answers['MAIL'] => {
  let first = true;
  return ({ socket }) => {
    if (!first) return null;
    first = false;
    socket.end(reply);
    return null;
  };
};

describe.each<[string, string, string, (trap: Answers['MAIL']) => Answers]>([
  ['mail', 'MAIL', '451 4.3.0 not now\r\n', (MAIL) => ({ MAIL })],
  ['rcpt', 'RCPT', '450 4.2.1 not now\r\n', (RCPT) => ({ RCPT })],
  ['data', 'DATA', '451 4.3.0 not now\r\n', (DATA) => ({ DATA })],
])('a server that hangs up behind a 4xx to %s', (command, verb, reply, trapped) => {
  it('defers that message alone, with the reply as evidence', async () => {
    const domain = `${command}.example`;
    const host = await world.host(`mx.${domain}`, trapped(hangUp(reply)));
    world.mx(domain, `mx.${domain}`);
    await world.send(`first@${domain}`);
    const [, deferred] = await world.story(`first@${domain}`, 'accepted', 'deferred');
    expect(deferred).toMatchObject({ attempt: 1, reply: { code: Number(reply.slice(0, 3)), command }, mxHost: `mx.${domain}` });
    delete host.answers[verb as 'MAIL'];
    await world.send(`second@${domain}`);
    const [, delivered] = await world.story(`second@${domain}`, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
    expect(host.messages.map((message) => message.rcpts)).toEqual([[`RCPT TO:<second@${domain}>`]]);
  });
});
