// What refusals look like on the wire, asked as a client asks: one form, a code and a reason of the table, whatever refused.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorBody, errorCodes, type ErrorBody } from '@sluice/contract/api';
import { password, publicUrl, startTestControl, type TestControl } from '../testing/control.ts';
import { codeTable, reasonTable } from './tables.ts';

let it: TestControl;
let cookie: string;
beforeAll(async () => {
  it = await startTestControl();
  await it.control.startUp.ensureOwner({ email: 'first@sluice.example', password });
  cookie = (await it.signIn('first@sluice.example')).cookie;
});
afterAll(() => it.close());

async function refused(response: Response): Promise<ErrorBody['error'] & { status: number }> {
  const body = errorBody.parse(await response.json());
  expect(response.status).toBe(errorCodes[body.error.data.code].status);
  expect(body.error.data.httpStatus).toBe(response.status);
  expect(body.error.data.requestId).toBe(response.headers.get('x-request-id'));
  return { ...body.error, status: response.status };
}

const local = async (kind: 'query' | 'mutation', path: string, input: unknown) => refused(await it.send(kind, path, input));
const tenant = { name: 'A', slug: 'aa', reason: 'errors test' };
const json = { 'content-type': 'application/json' };

describe('refusals', () => {
  test('an input that does not read names its fields, all of them', async () => {
    const { message, data } = await local('mutation', 'tenants.create', { name: '', slug: 'A B', surprise: 1 });
    expect(data).toMatchObject({ code: 'BAD_REQUEST', reason: 'invalid_input', path: 'tenants.create' });
    expect(data.issues?.map(({ path }) => path)).toEqual(expect.arrayContaining(['name', 'slug']));
    expect(message).toContain('surprise');
  });

  test('a procedure that takes nothing refuses something', async () => {
    const { data } = await local('query', 'tenants.list', { tenantId: 'x' });
    expect([data.code, data.reason]).toEqual(['BAD_REQUEST', 'invalid_input']);
  });

  test('what Postgres cannot keep is refused with the field, and is no error of ours', async () => {
    for (const reason of ['why\u0000not', 'why \ud800 not']) {
      const { data, message } = await local('mutation', 'tenants.create', { ...tenant, reason });
      expect([data.code, data.reason, message]).toEqual(['BAD_REQUEST', 'invalid_input', expect.stringContaining('reason')]);
    }
    expect(it.unexpected()).toEqual([]);
  });

  test('a change that takes nothing may come without a body, as clients send it', async () => {
    const headers = { ...json, cookie, origin: publicUrl };
    expect((await it.request('/api/trpc/session.revokeOthers', { method: 'POST', headers })).status).toBe(200);
  });

  test('what is not JSON is unreadable', async () => {
    const headers = { ...json, cookie, origin: publicUrl };
    const { data } = await refused(await it.request('/api/trpc/tenants.create', { method: 'POST', headers, body: '{"name":' }));
    expect([data.code, data.reason]).toEqual(['BAD_REQUEST', 'unreadable_input']);
  });

  test('a name that is taken says so by its reason', async () => {
    expect((await it.send('mutation', 'tenants.create', tenant)).status).toBe(200);
    expect((await local('mutation', 'tenants.create', tenant)).data).toMatchObject({ code: 'CONFLICT' });
  });

  test.each([
    ['no such procedure', 'GET', '/api/trpc/tenants.nothing', {}, 'NOT_FOUND', null],
    ['a change asked as a query', 'GET', '/api/trpc/tenants.create', { cookie: true }, 'METHOD_NOT_SUPPORTED', null],
    ['another method', 'PUT', '/api/trpc/tenants.create', { cookie: true }, 'METHOD_NOT_SUPPORTED', null],
    ['a form', 'POST', '/api/trpc/tenants.create', { cookie: true, type: 'text/plain', origin: true }, 'UNSUPPORTED_MEDIA_TYPE', null],
    [
      'a page of another site',
      'POST',
      '/api/trpc/tenants.create',
      { cookie: true, type: 'application/json' },
      'FORBIDDEN',
      'foreign_origin',
    ],
    ['nobody', 'GET', '/api/trpc/tenants.list', {}, 'UNAUTHORIZED', null],
  ] as const)('%s', async (_what, method, path, sent: { cookie?: true; type?: string; origin?: true }, code, reason) => {
    const headers: Record<string, string> = {};
    if (sent.cookie) headers['cookie'] = cookie;
    if (sent.type) headers['content-type'] = sent.type;
    if (sent.origin) headers['origin'] = publicUrl;
    const body = method === 'GET' ? {} : { body: '{}' };
    const { data } = await refused(await it.request(path, { method, headers, ...body }));
    expect([data.code, data.reason]).toEqual([code, reason]);
  });

  test('a body that is too long', async () => {
    const headers = { ...json, cookie, origin: publicUrl };
    const body = JSON.stringify({ ...tenant, name: 'x'.repeat(300_000) });
    const { data } = await refused(await it.request('/api/trpc/tenants.create', { method: 'POST', headers, body }));
    expect(data.code).toBe('PAYLOAD_TOO_LARGE');
  });
});

test('docs/api.md has the tables of the contract', async () => {
  const page = await readFile(new URL('../../../../docs/api.md', import.meta.url), 'utf8');
  // A formatter may widen columns.
  const plain = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/\| ?-+ ?(?=\|)/g, '|---');
  expect(plain(page)).toContain(plain(codeTable()));
  expect(plain(page)).toContain(plain(reasonTable()));
});
