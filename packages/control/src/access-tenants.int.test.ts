// What the access matrix cannot ask with one question: that there is another tenant to be hidden, whose figures are whose, whom a conflict
// names, what the live stream tells each role, and who makes and changes whom.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roles } from '@sluice/contract/api';
import { okay, password, publicUrl, startTestControl, type As, type TestControl } from './testing/control.ts';
import { callerNames, callers, emailOf, readMatrix, signInCallers } from './testing/matrix.ts';
import { questions } from './testing/questions.ts';
import { makeWorld, marker, type World } from './testing/world.ts';

let it: TestControl;
let world: World;
let as: Record<string, As> = {};

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  as = await signInCallers(it, world.mine);
});
afterAll(() => it.close());

describe('between tenants', () => {
  test('an operator who is not bound sees both tenants: the searches of the access matrix look for something', async () => {
    // On the first page of what changed, however much did since.
    const late = { tenantId: world.theirs.tenantId, domain: 'late.example', reason: `${marker} once more` };
    okay(await it.call('mutation', 'domains.create', late, 'local'));
    for (const path of [
      'tenants.list',
      'sources.list',
      'pools.list',
      'limits.list',
      'settings.list',
      'nodes.list',
      'overview.lastEvents',
      'audit.list',
      'config.revisions',
    ]) {
      const input = await questions[path]?.(world, world.theirs, as['analyst'] ?? null);
      const text = JSON.stringify(okay(await it.call('query', path, input, as['analyst'] ?? null)));
      expect([path, text.includes(marker) || text.includes(world.theirs.tenantId)]).toEqual([path, true]);
    }
  });

  test('figures of a shared source are the tenant’s own for its operator', async () => {
    const sums = async (name: string) => {
      const sources = okay<{ id: string; lastHour: { delivered: number } }[]>(
        await it.call('query', 'sources.list', undefined, as[name] ?? null),
      );
      return sources.find((source) => source.id === world.sourceId)?.lastHour.delivered;
    };
    expect(await sums('analyst')).toBe(7003);
    expect(await sums('tenant analyst')).toBe(3);
  });

  test('a name taken by another tenant is a conflict that names nobody', async () => {
    const { tenantId, streamId } = world.mine;
    const input = { tenantId, streamId, username: `${marker}-user`, reason: 'probing' };
    const answer = await it.call('mutation', 'credentials.create', input, as['tenant engineer'] ?? null);
    expect(answer.code).toBe('CONFLICT');
    expect(answer.message).not.toContain(world.theirs.tenantId);
    expect(answer.message).not.toContain(`Tenant ${marker}`);
  });
});

describe('the live stream', () => {
  const open = (name: string, signal: AbortSignal) => {
    const caller = as[name] ?? null;
    const headers = caller !== null && caller !== 'local' && 'cookie' in caller ? { cookie: caller.cookie } : {};
    return it.request('/api/trpc/live.stream', { headers: { ...headers, origin: publicUrl }, signal });
  };
  /** Reads until `enough` or the end. */
  async function read(response: Response, enough: (text: string) => boolean): Promise<string> {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return text;
      text += chunk.value;
      if (enough(text)) return text;
    }
  }
  const codes: Readonly<Record<number, string>> = { 200: 'topQueues', 401: 'UNAUTHORIZED', 403: 'FORBIDDEN' };
  const openers = callerNames.filter((name) => callers[name] !== 'local' && callers[name] !== 'key');

  test.each(openers)('asked by %s it answers as the table of roles says', async (name) => {
    const status = (await readMatrix()).get('live.stream')?.answers[name] ?? 0;
    const abort = new AbortController();
    const text = await read(await open(name, abort.signal), (seen) => /topQueues|UNAUTHORIZED|FORBIDDEN|NOT_FOUND/.test(seen));
    abort.abort();
    expect(text).toContain(codes[status]);
    if (status !== 200) expect(text).not.toContain('node-1');
    if (status !== 200 || !name.startsWith('tenant ')) return;
    expect(text).toContain(world.mine.tenantId);
    expect(text).not.toContain(world.theirs.tenantId);
    expect(text).not.toContain(marker);
  });
});

describe('who makes and changes whom', () => {
  const someone = (role: string) => ({ name: 'New', email: `new-${crypto.randomUUID()}@sluice.example`, password, role });
  const create = (role: string, by: string, more: object = {}) =>
    it.call('mutation', 'users.create', { ...someone(role), ...more }, as[by] ?? null);

  test('an Admin makes every role but Owner, an Owner makes all', async () => {
    for (const role of roles) {
      const more = role === 'client' ? { tenantId: world.mine.tenantId } : {};
      expect([role, (await create(role, 'admin', more)).code]).toEqual([role, role === 'owner' ? 'FORBIDDEN' : null]);
      expect([role, (await create(role, 'owner', more)).code]).toEqual([role, null]);
    }
  });

  test('an Admin resets no Owner and changes no grant of one, whether bound or not', async () => {
    for (const owner of ['owner', 'tenant owner']) {
      const email = emailOf(owner);
      const { id } = await it.db.user.findUniqueOrThrow({ where: { email } });
      const reset = { email, password: 'taken over for good', reason: 'taking over' };
      expect((await it.call('mutation', 'users.resetPassword', reset, as['admin'] ?? null)).code).toBe('FORBIDDEN');
      const grant = { id, personalData: true, reason: 'why not' };
      expect((await it.call('mutation', 'users.setGrants', grant, as['admin'] ?? null)).code).toBe('FORBIDDEN');
    }
    expect((await it.call('query', 'session.me', undefined, as['owner'] ?? null)).code).toBeNull();
  });

  test('a Client without a tenant is refused, by the procedure and by the database', async () => {
    expect((await create('client', 'owner')).code).toBe('BAD_REQUEST');
    const { email } = someone('client');
    await expect(it.db.user.create({ data: { id: crypto.randomUUID(), name: 'Loose', email, role: 'client' } })).rejects.toThrow(
      'user_client_bound',
    );
  });

  test('what session.me says one may is what one may', async () => {
    const matrix = await readMatrix();
    for (const name of callerNames.filter((one) => as[one])) {
      const { may } = okay<{ may: string[] }>(await it.call('query', 'session.me', undefined, as[name] ?? null));
      const refused = [401, 403, 404];
      const open = [...matrix.values()].filter(({ path, answers }) => !path.startsWith('/') && !refused.includes(answers[name] ?? 0));
      expect([name, may.toSorted()]).toEqual([name, open.map(({ path }) => path).toSorted()]);
    }
  });
});
