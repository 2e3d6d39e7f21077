// What the connections for questions promise: they see every tenant, and the server itself refuses whatever would change something.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createClient, createReads } from './index.ts';
import { testDatabase } from './testing/index.ts';

test('whoever reads sees every tenant, with Prisma and without, and can change nothing either way', async () => {
  const { consoleUrl } = await testDatabase();
  const writer = createClient(consoleUrl, { tenant: '*' });
  const id = randomUUID();
  await writer.tenant.create({ data: { id, name: 'Acme', slug: 'acme' } });
  const reads = createReads(consoleUrl);
  const byText = 'select id::text as id from tenant where slug = $1::text';
  // Three times: the statement is prepared from the second on.
  for (let time = 0; time < 3; time++) {
    expect(await reads.sql.query(byText, ['acme'])).toEqual([{ id }]);
    expect((await reads.db.tenant.findUnique({ where: { slug: 'acme' } }))?.id).toBe(id);
  }
  await expect(reads.sql.query('update tenant set name = $1::text returning id', ['Other'])).rejects.toThrow('read-only transaction');
  await expect(reads.db.tenant.update({ where: { id }, data: { name: 'Other' } })).rejects.toThrow('read-only transaction');
  expect((await writer.tenant.findUnique({ where: { id } }))?.name).toBe('Acme');
  await reads.close();
  await writer.$disconnect();
});
