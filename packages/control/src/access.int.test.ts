// The access matrix: every procedure of the router, asked by every kind of caller, about its own tenant's things and another's. Made from
// the router: a new procedure without a question in testing/questions.ts fails here.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTable, procedures, rolesInWords } from './access-table.ts';
import { decide, type Verdict } from './access.ts';
import { localActor, type Actor } from './actor.ts';
import type { ProcedureAccess } from './callable.ts';
import { okay, password, publicUrl, startTestControl, type Answer, type As, type TestControl } from './testing/control.ts';
import { questions } from './testing/questions.ts';
import { makeWorld, marker, type TenantThings, type World } from './testing/world.ts';

let it: TestControl;
let world: World;
const as: Record<string, As> = { 'signed out': null, local: 'local' };

const callers: Record<string, (Pick<Actor, 'role'> & { bound: boolean }) | null> = {
  'signed out': null,
  local: { role: 'owner', bound: false },
  owner: { role: 'owner', bound: false },
  analyst: { role: 'analyst', bound: false },
  operator: { role: 'operator', bound: false },
  'client of a tenant': { role: 'client', bound: true },
  'owner of a tenant': { role: 'owner', bound: true },
  'analyst of a tenant': { role: 'analyst', bound: true },
};

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  await it.control.startUp.ensureOwner({ email: 'first@sluice.example', password });
  for (const [name, caller] of Object.entries(callers)) {
    if (caller === null || name === 'local') continue;
    const email = `${name.replaceAll(' ', '-')}@sluice.example`;
    const tenantId = caller.bound ? world.mine.tenantId : null;
    okay(await it.call('mutation', 'users.create', { name, email, password, role: caller.role, tenantId }, 'local'));
    as[name] = { cookie: (await it.signIn(email)).cookie };
  }
});
afterAll(() => it.close());

/** With an Owner there, set-up is over: these answer so to whoever may ask. */
const settled: Record<string, string> = {
  'setup.complete': 'PRECONDITION_FAILED',
  'setup.issueLink': 'PRECONDITION_FAILED',
  // Nobody here has a second factor, the session asked about is no one's, and the invitation is none.
  'secondFactor.enable': 'PRECONDITION_FAILED',
  'secondFactor.remove': 'PRECONDITION_FAILED',
  'secondFactor.renewCodes': 'PRECONDITION_FAILED',
  'session.revoke': 'NOT_FOUND',
  'invitations.accept': 'PRECONDITION_FAILED',
};

function expected(procedure: ProcedureAccess, name: string): Verdict {
  const caller = callers[name] ?? null;
  const kind = name === 'local' ? 'local' : 'user';
  const who = caller && ({ ...localActor, kind, role: caller.role, tenantId: caller.bound ? 'a tenant' : null } as const);
  return decide(procedure.access, who, procedure.path);
}

async function ask(procedure: ProcedureAccess, name: string, of: TenantThings): Promise<Answer> {
  const question = questions[procedure.path];
  if (!question) throw new Error(`testing/questions.ts has no question for ${procedure.path}`);
  const caller = as[name] ?? null;
  const input = await question(world, of, caller);
  return it.call(procedure.type === 'mutation' ? 'mutation' : 'query', procedure.path, input, caller);
}

const calls = procedures().filter((procedure) => procedure.type !== 'subscription');
const cases = calls.flatMap((procedure) => Object.keys(callers).map((name) => ({ procedure, name, path: procedure.path })));

describe('every procedure and caller', () => {
  test.each(cases)('$path asked by $name', async ({ procedure, name }) => {
    const verdict = expected(procedure, name);
    const input = questions[procedure.path];
    expect(input).toBeDefined();
    const answer = await ask(procedure, name, world.mine);
    const trail = await it.db.auditEntry.count({ where: { requestId: answer.headers.get('x-request-id') ?? '' } });
    expect(answer.code).toBe(verdict === 'allowed' ? (settled[procedure.path] ?? null) : verdict);
    expect(trail > 0).toBe(answer.code === null && procedure.access.audit === 'entry');
  });
});

describe("another tenant's things", () => {
  // What is about the caller's own account has no other tenant in it.
  const own = ({ access }: ProcedureAccess) => access.role !== 'public' && access.people === true;
  const scoped = cases.filter(
    ({ procedure, name }) => callers[name]?.bound === true && !own(procedure) && expected(procedure, name) === 'allowed',
  );

  test.each(scoped)('$path asked by $name about the other tenant shows and changes nothing of it', async ({ procedure, name }) => {
    const before = await state();
    const answer = await ask(procedure, name, world.theirs);
    // The recipient is what was asked, not what was found.
    expect(JSON.stringify({ ...Object(answer.data), recipient: undefined })).not.toContain(marker);
    if (procedure.type === 'mutation') {
      expect(answer.code).toBe(settled[procedure.path] ?? 'NOT_FOUND');
      expect(await it.db.auditEntry.count({ where: { requestId: answer.headers.get('x-request-id') ?? '' } })).toBe(0);
      if (procedure.path !== 'relays.delete') expect(await state()).toBe(before);
    }
    if (procedure.path === 'messages.timeline') expect(answer.code).toBe('NOT_FOUND');
  });

  test.each(scoped.filter(({ procedure }) => procedure.type === 'query'))(
    '$path asked by $name about its own tenant leaks none of the other',
    async ({ procedure, name }) => {
      const answer = await ask(procedure, name, world.mine);
      const text = JSON.stringify(okay(answer));
      expect(text).not.toContain(marker);
      expect(text).not.toContain(world.theirs.tenantId);
      expect(text).not.toContain(world.theirs.streamId);
    },
  );

  const state = async () => JSON.stringify(await it.db.configHead.findFirstOrThrow());

  test('an operator who is not bound sees both tenants: the searches above look for something', async () => {
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
      const procedure = calls.find((candidate) => candidate.path === path);
      if (!procedure) throw new Error(`no procedure ${path}`);
      const text = JSON.stringify(okay(await ask(procedure, 'analyst', world.theirs)));
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
    expect(await sums('analyst of a tenant')).toBe(3);
  });

  test('a name taken by another tenant is a conflict that names nobody', async () => {
    const { tenantId, streamId } = world.mine;
    const input = { tenantId, streamId, username: `${marker}-user`, reason: 'probing' };
    const answer = await it.call('mutation', 'credentials.create', input, as['owner of a tenant'] ?? null);
    expect(answer.code).toBe('CONFLICT');
    expect(answer.message).not.toContain(world.theirs.tenantId);
    expect(answer.message).not.toContain(`Tenant ${marker}`);
  });
});

describe('the declarations', () => {
  test('an Analyst changes nothing, and signed out only set-up can be asked', () => {
    const ofOthers = procedures().filter(({ access }) => access.role === 'public' || !access.people);
    const changing = ofOthers.filter(({ type, access: { role } }) => type === 'mutation' && (role === 'analyst' || role === 'client'));
    expect(changing).toEqual([]);
    const open = procedures().filter(({ access }) => access.role === 'public');
    expect(open.map(({ path }) => path)).toEqual(['setup.status', 'setup.complete', 'invitations.accept']);
  });

  test('every mutation is audited, and no query is', () => {
    for (const { path, type, access } of procedures()) expect([path, access.audit]).toEqual([path, type === 'mutation' ? 'entry' : 'none']);
  });

  test('the table in the documentation is the one the router makes', async () => {
    const record = await readFile(new URL('../../../docs/roles.md', import.meta.url), 'utf8');
    // A formatter may widen columns.
    const plain = (text: string) => text.replace(/ +/g, ' ').replace(/\| ?-+ ?(?=\|)/g, '|---');
    for (const table of [rolesInWords(), accessTable()]) expect(plain(record)).toContain(plain(table));
  });
});

describe('the live stream', () => {
  const open = (name: string, signal: AbortSignal) => {
    const caller = as[name] ?? null;
    const headers = new Headers(caller !== null && caller !== 'local' && 'cookie' in caller ? { cookie: caller.cookie } : {});
    return it.request('/api/trpc/live.stream', { headers: { ...Object.fromEntries(headers), origin: publicUrl }, signal });
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

  test('signed out there is none', async () => {
    const abort = new AbortController();
    const text = await read(await open('signed out', abort.signal), (seen) => seen.includes('UNAUTHORIZED'));
    expect(text).toContain('UNAUTHORIZED');
    expect(text).not.toContain('node-1');
    abort.abort();
  });

  test('a tenant-bound operator gets frames without the other tenant', async () => {
    const abort = new AbortController();
    const text = await read(await open('analyst of a tenant', abort.signal), (seen) => seen.includes('topQueues'));
    expect(text).toContain(world.mine.tenantId);
    expect(text).not.toContain(world.theirs.tenantId);
    expect(text).not.toContain(marker);
    abort.abort();
  });
});
