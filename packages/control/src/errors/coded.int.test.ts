// What a database that is away looks like to callers: not our fault, and worth another try. Against a port on which nobody listens.
import { TRPCError } from '@trpc/server';
import { createClient } from '@sluice/db';
import { afterAll, expect, test } from 'vitest';
import { coded, codedFailure, publicData, publicMessage } from './coded.ts';

const db = createClient('postgres://nobody:nothing@127.0.0.1:9/none');
afterAll(() => db.$disconnect());

const thrown = async (ask: () => Promise<unknown>): Promise<unknown> =>
  ask()
    .then(() => null)
    .catch((error: unknown) => error);

test.each([
  ['a query', () => db.tenant.findMany()],
  ['a statement of our own', () => db.$queryRaw`select 1`],
  ['a transaction', () => db.$transaction((within) => within.$queryRaw`select 1`)],
])('%s that finds nobody is SERVICE_UNAVAILABLE, without the address in its words', async (_what, ask) => {
  const error = codedFailure(await thrown(ask));
  expect(error.code).toBe('SERVICE_UNAVAILABLE');
  expect(publicMessage(error, 'r')).not.toContain('127.0.0.1');
  expect(publicData(error, 503, 'tenants.list', 'r')).toEqual({
    code: 'SERVICE_UNAVAILABLE',
    httpStatus: 503,
    path: 'tenants.list',
    requestId: 'r',
    reason: null,
  });
});

test('what nobody foresaw stays an error of ours, and says nothing of itself', () => {
  const error = coded(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new Error('secret detail') }));
  expect([error.code, publicMessage(error, 'r')]).toEqual(['INTERNAL_SERVER_ERROR', 'internal error; the log has it under request r']);
});
