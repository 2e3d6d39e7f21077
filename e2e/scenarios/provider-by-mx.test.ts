// A provider is known by its MX hosts: domains of its customers fall under its limits and settings, whatever they are called, unless a
// foreign host is among theirs.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const twoADay = { where: { provider: 'bigmail' }, by: ['provider'], kind: 'message_rate', count: 2, perSeconds: 86_400, burst: 1 };
  world = await startWorld({
    entities: [
      { kind: 'provider', id: id(70), body: { key: 'bigmail', name: 'Big Mail', mxSuffixes: ['bigmail.example'] } },
      { kind: 'limit', id: id(71), body: { name: 'two a day', ...twoADay } },
      { kind: 'setting', id: id(72), body: { name: 'name', where: { provider: 'bigmail' }, values: { ehloName: 'known.sender.example' } } },
    ],
  });
});
afterAll(() => world?.close());

it('customers with hosts of their own share the limit and the settings of the provider; a mixed MX set is nobody’s', async () => {
  const [first, second, foreign] = [
    await world.host('in1.bigmail.example'),
    await world.host('in2.bigmail.example'),
    await world.host('mx.notbigmail.example'),
  ];
  world.mx('one.example', 'in1.bigmail.example');
  world.mx('two.example', 'in2.bigmail.example');
  world.mx('mixed.example', 'mx.notbigmail.example', 'in1.bigmail.example');
  for (const domain of ['one.example', 'two.example', 'mixed.example', 'one.example', 'two.example']) await world.send(`jo@${domain}`);
  await expect.poll(() => first.messages.length + second.messages.length, { timeout: 10_000 }).toBe(2);
  await expect.poll(() => foreign.messages.length, { timeout: 10_000 }).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(first.messages.length + second.messages.length).toBe(2);
  const delivered = [...world.events('jo@one.example'), ...world.events('jo@two.example')].filter(({ type }) => type === 'delivered');
  expect(delivered.map(({ provider }) => provider)).toEqual(['bigmail', 'bigmail']);
  expect(world.events('jo@mixed.example')[1]).toMatchObject({ type: 'delivered', provider: null });
  const names = [first, second, foreign].map((host) => host.commands.find(({ line }) => line.startsWith('EHLO'))?.line);
  expect(names.filter((name) => name === 'EHLO known.sender.example').length).toBe(
    [first, second].filter((host) => host.connections > 0).length,
  );
  expect(names[2]).toBe('EHLO mta1.sender.example');
});
