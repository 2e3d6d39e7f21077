// That the listener's thread goes by the revision that it was brought, whatever it made of the one before.
import { expect, test } from 'vitest';
import { buildGeneration, emptyEntitySet } from '../config/build-generation.ts';
import { deltaOn, id, nothingSaid, smallConfig } from '../testing/sample-config.ts';
import { ConfigurationCopy, ConfigurationSender } from './configuration-copy.ts';

test('a domain that came, and one that went, is known from its revision on', async () => {
  const copy = new ConfigurationCopy();
  let sent = 0;
  const sender = new ConfigurationSender((message) => {
    if (message.kind !== 'configuration') return;
    sent += message.changed.length;
    copy.take(structuredClone(message.changed), message.revision);
  });
  const said = nothingSaid();
  let entities = emptyEntitySet;
  const bring = async (revision: number, changes: ReturnType<typeof smallConfig>) => {
    const built = buildGeneration(entities, deltaOn(said, revision, changes));
    if (!built.ok) throw new Error(JSON.stringify(built.problems));
    ({ entities } = built);
    sent = 0;
    await sender.bring(entities);
  };
  const domain = (n: number, body: object | null) => ({ kind: 'domain' as const, id: id(2_000 + n), body });
  await bring(1, smallConfig());
  expect(copy.current?.ownsDomain(id(1), 'd1.example')).toBe(false);
  await bring(2, [domain(1, { tenantId: id(1), domain: 'd1.example' })]);
  expect(copy.current?.ownsDomain(id(1), 'd1.example')).toBe(true);
  expect(sent).toBe(1);
  const many = Array.from({ length: 7_000 }, (_, n) => domain(n + 2, { tenantId: id(1), domain: `d${n + 2}.example` }));
  await bring(3, many);
  await bring(4, [domain(1, null), domain(5_000, null)]);
  expect(sent).toBe(2);
  expect(copy.current?.ownsDomain(id(1), 'd1.example')).toBe(false);
  expect(copy.current?.ownsDomain(id(1), 'd5000.example')).toBe(false);
  expect(copy.current?.ownsDomain(id(1), 'd4999.example')).toBe(true);
});
