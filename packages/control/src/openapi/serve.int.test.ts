// The document and its page as they are served, and a client that knows nothing but the document.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { password, publicUrl, startTestControl, type TestControl } from '../testing/control.ts';
import { questions } from '../testing/questions.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { isObject, type Json, type JsonObject } from './json-schema.ts';

let it: TestControl;
let world: World;
let cookie: string;
beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  await it.control.startUp.ensureOwner({ email: 'first@sluice.example', password });
  cookie = (await it.signIn('first@sluice.example')).cookie;
});
afterAll(() => it.close());

const document = async (): Promise<JsonObject> => (await (await it.request('/api/openapi.json', {})).json()) as JsonObject;
const at = (value: Json | undefined, ...keys: string[]): Json | undefined =>
  keys.reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), value);

/** A call made of nothing but what the document says: path, method, where the input goes and where the answer lies. */
async function callBy(described: JsonObject, operationId: string, input: unknown): Promise<Json | undefined> {
  for (const [path, methods] of Object.entries(isObject(described['paths']) ? described['paths'] : {}))
    for (const [method, operation] of Object.entries(isObject(methods) ? methods : {})) {
      if (at(operation, 'operationId') !== operationId) continue;
      const headers: Record<string, string> = { cookie, origin: publicUrl };
      const body = at(operation, 'requestBody') !== undefined && input !== undefined;
      if (method === 'post') headers['content-type'] = 'application/json';
      const parameters = at(operation, 'parameters');
      const asks = Array.isArray(parameters) && parameters.some((one) => at(one, 'name') === 'input' && at(one, 'in') === 'query');
      const query = asks && input !== undefined ? `?${new URLSearchParams({ input: JSON.stringify(input) }).toString()}` : '';
      const init = { method: method.toUpperCase(), headers, ...(body && { body: JSON.stringify(input) }) };
      const response = await it.request(`${path}${query}`, init);
      const answer = (await response.json()) as Json;
      return response.status === 200 ? at(answer, 'result', 'data') : at(answer, 'error', 'data', 'code');
    }
  throw new Error(`the document has no ${operationId}`);
}

test('is served to anyone who reaches the port, as JSON and as a page without script', async () => {
  const described = await document();
  expect(described['openapi']).toBe('3.1.0');
  const page = await it.request('/api/docs', {});
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  const html = await page.text();
  expect(html).not.toMatch(/<script|onclick=|https?:\/\/(?!\$)/);
  for (const path of Object.keys(isObject(described['paths']) ? described['paths'] : {}))
    if (path.startsWith('/api/trpc/')) expect([path, html.includes(path)]).toEqual([path, true]);
});

test.each(['tenants_list', 'messages_trace', 'queues_explain', 'sources_create', 'limits_update', 'commands_issue'])(
  'a client that knows only the document can call %s',
  async (operationId) => {
    const question = questions[operationId.replace('_', '.')];
    const answer = await callBy(await document(), operationId, await question?.(world, world.mine, 'local'));
    expect([operationId, typeof answer]).toEqual([operationId, 'object']);
    expect(answer).not.toBeNull();
  },
);

test('such a client reads a refusal by its code', async () => {
  expect(await callBy(await document(), 'tenants_create', { name: 'A' })).toBe('BAD_REQUEST');
});
