// Reports of failure go where the stream wants them: to a hook, as one document a message, or nowhere. The sender then gets none.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, only, sender, startWorld, type World } from './testing/world.ts';

const posted: unknown[] = [];
let world: World;
let hook: Server;
beforeAll(async () => {
  hook = createServer((request, response) => {
    void text(request).then((body) => {
      posted.push(JSON.parse(body));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => hook.listen(0, '127.0.0.1', done));
  const reportHookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/bounces`;
  const rule = (number: number, domain: string, values: object) => ({
    ...{ kind: 'setting', id: id(80 + number) },
    body: { name: domain, where: { domain }, values },
  });
  world = await startWorld({
    entities: [rule(0, 'hooked.example', { failureReports: 'hook', reportHookUrl }), rule(1, 'silent.example', { failureReports: 'none' })],
  });
});
afterAll(async () => {
  await world?.close();
  hook?.close();
});

it('a bounce is told to the hook with its reply, or to nobody, and no mail is made of it', async () => {
  await world.host('mx.unknown.example', { RCPT: '550 5.1.1 no such user\r\n' });
  for (const domain of ['hooked.example', 'silent.example']) world.mx(domain, 'mx.unknown.example');
  await world.send('jo@silent.example');
  await world.story('jo@silent.example', 'accepted', 'bounced');
  await world.send('jo@hooked.example');
  await world.story('jo@hooked.example', 'accepted', 'bounced');
  expect(only(posted)).toMatchObject({
    kind: 'failed',
    sender,
    recipients: [{ recipient: 'jo@hooked.example', status: '5.1.1', reply: { code: 550, text: 'no such user' } }],
  });
  expect(world.events(sender)).toEqual([]);
});
