// The access matrix: every procedure of the router and every way to sign in, asked by every kind of caller, against docs/roles.csv. A
// procedure without a question in testing/questions.ts, or without a line in the table, fails here. A refused call changes no row of any
// table, and is answered as if what it named did not exist.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessTable, procedures, rolesInWords } from './access-table.ts';
import { exposedPaths } from './auth/endpoints.ts';
import type { ProcedureAccess } from './callable.ts';
import { publicUrl, startTestControl, type Answer, type As, type TestControl } from './testing/control.ts';
import { aboutNothing, callerNames, everyRow, isBound, keysFor, otherScopes } from './testing/matrix.ts';
import { readMatrix, signInCallers, type MatrixRow } from './testing/matrix.ts';
import { questions } from './testing/questions.ts';
import { makeWorld, marker, type TenantThings, type World } from './testing/world.ts';

let it: TestControl;
let world: World;
let as: Record<string, As> = {};
const matrix = await readMatrix();
const counts: Record<string, number> = {};
const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  as = await signInCallers(it, world.mine);
});
afterAll(async () => {
  const told = Object.entries(counts).toSorted(([a], [b]) => a.localeCompare(b));
  process.stdout.write(`access matrix: ${matrix.size} lines; ${told.map(([what, times]) => `${what} ${times}`).join(', ')}\n`);
  await it.close();
});

const lineOf = (path: string): MatrixRow => {
  const line = matrix.get(path);
  if (!line) throw new Error(`docs/roles.csv has no line for ${path}`);
  return line;
};

async function inputOf({ path }: ProcedureAccess, of: TenantThings, name = 'local'): Promise<unknown> {
  const question = questions[path];
  if (!question) throw new Error(`testing/questions.ts has no question for ${path}`);
  return question(world, of, as[name] ?? null);
}

/** Keys that have the scope of the line, and those that have all others of the table. */
async function newKeys({ scope }: MatrixRow): Promise<void> {
  const all = [...new Set([...matrix.values()].map((line) => line.scope))].filter((one) => one !== '-');
  const keys = await keysFor(it, world.mine, { has: scope === '-' ? [] : [scope], lacks: all.filter((one) => one !== scope) });
  as = { ...as, ...keys };
}

async function ask({ path, type }: ProcedureAccess, name: string, input: unknown): Promise<Answer> {
  const answer = await it.call(type === 'mutation' ? 'mutation' : 'query', path, input, as[name] ?? null);
  count(String(answer.status));
  return answer;
}

const trailOf = (answer: Answer): Promise<number> =>
  it.db.auditEntry.count({ where: { requestId: answer.headers.get('x-request-id') ?? '' } });

const refusals = new Set([401, 403, 404]);
/** What those who may not are told, whatever they asked. */
const generic: Record<number, string> = { 401: 'sign in first', 403: 'your role does not allow this', 404: 'not found' };
/** Every key may ask who it is: what is refused of that is refused for another reason. */
const said = ({ scope }: MatrixRow, name: string, status: number): string | undefined =>
  status === 403 && name === otherScopes && scope !== 'session:read' ? `this key has no scope ${scope}` : generic[status];
const calls = procedures().filter((procedure) => procedure.type !== 'subscription');

describe('every procedure and caller', () => {
  test.each(calls)('$path', async (procedure) => {
    const line = lineOf(procedure.path);
    await newKeys(line);
    const statuses: Record<string, number> = {};
    const refused = callerNames.filter((name) => refusals.has(line.answers[name] ?? 0));
    const input = await inputOf(procedure, world.mine);
    const nothing = aboutNothing(input, world.mine);
    const before = await everyRow(it);
    for (const name of refused) {
      const answer = await ask(procedure, name, input);
      statuses[name] = answer.status;
      expect([name, answer.message]).toEqual([name, said(line, name, answer.status)]);
      const ofNothing = await ask(procedure, name, nothing.input);
      expect(nothing.named(ofNothing.body)).toBe(answer.body);
    }
    expect(await everyRow(it)).toBe(before);
    for (const name of callerNames.filter((one) => !refused.includes(one))) {
      const answer = await ask(procedure, name, await inputOf(procedure, world.mine, name));
      statuses[name] = answer.status;
      expect([name, (await trailOf(answer)) > 0]).toEqual([name, answer.code === null && procedure.access.audit === 'entry']);
    }
    expect(statuses).toEqual(line.answers);
  });
});

describe("another tenant's things", () => {
  const scoped = calls.filter(({ path }) => matrix.get(path)?.otherTenant !== null && questions[path] !== undefined);

  test.each(scoped)('$path tells a bound caller what it would tell of things that never were', async (procedure) => {
    const line = lineOf(procedure.path);
    const { status, shared } = line.otherTenant ?? { status: 0, shared: false };
    const may = callerNames.filter((name) => isBound(name) && !refusals.has(line.answers[name] ?? 0));
    expect(may).not.toEqual([]);
    await newKeys(line);
    const input = await inputOf(procedure, world.theirs);
    const nothing = aboutNothing(input, world.theirs);
    const before = await everyRow(it);
    for (const name of may) {
      const answer = await ask(procedure, name, input);
      count('about another tenant');
      expect([name, answer.status]).toEqual([name, status]);
      if (!shared) expect(nothing.named((await ask(procedure, name, nothing.input)).body)).toBe(answer.body);
      expect(await trailOf(answer)).toBe(0);
      // The recipient is what was asked, not what was found.
      expect(JSON.stringify({ ...Object(answer.data), recipient: undefined })).not.toContain(marker);
    }
    expect(await everyRow(it)).toBe(before);
  });

  test.each(scoped.filter(({ type }) => type === 'query'))('$path about its own tenant leaks none of the other', async (procedure) => {
    const line = lineOf(procedure.path);
    await newKeys(line);
    for (const name of callerNames.filter((one) => isBound(one) && line.answers[one] === 200)) {
      const { body } = await ask(procedure, name, await inputOf(procedure, world.mine, name));
      for (const theirs of [marker, world.theirs.tenantId, world.theirs.streamId]) expect([name, body]).not.toContain(theirs);
    }
  });
});

describe('ways to sign in', () => {
  /** From accounts and addresses of their own, so that no limit of guesses is met. */
  const bodies: Readonly<Record<string, (at: number) => object>> = {
    '/api/auth/sign-in/second-factor': () => ({ code: '000000' }),
    '/api/auth/sign-in/email': (at) => ({ email: `nobody-${at}@sluice.example`, password: 'not the password' }),
  };
  const paths = [...matrix.keys()].filter((path) => path.startsWith('/api/auth/'));

  test('each that is exposed has a line in the table', () => {
    expect(paths).toEqual(expect.arrayContaining(Object.keys(exposedPaths).map((path) => `/api/auth/${path}`)));
  });

  test.each(paths)('%s', async (path) => {
    const statuses: Record<string, number> = {};
    const method = exposedPaths[path.slice('/api/auth/'.length)] ?? 'POST';
    for (const [at, name] of callerNames.entries()) {
      const caller = as[name] ?? null;
      const headers = new Headers({ origin: publicUrl, 'content-type': 'application/json' });
      if (caller !== null && caller !== 'local' && 'cookie' in caller) headers.set('cookie', caller.cookie);
      if (caller !== null && caller !== 'local' && 'key' in caller) headers.set('authorization', `Bearer ${caller.key}`);
      const peer = { address: `192.0.2.${50 + at}`, loopback: false };
      const init = { method, headers, ...(method === 'POST' ? { body: JSON.stringify(bodies[path]?.(at) ?? {}) } : {}) };
      const before = path.endsWith('/sign-out') ? null : await it.db.session.count();
      statuses[name] = (await it.request(path, init, peer)).status;
      count(String(statuses[name]));
      if (before !== null) expect(await it.db.session.count()).toBe(before);
    }
    expect(statuses).toEqual(lineOf(path).answers);
  });
});

describe('the declarations', () => {
  test('every line of the table is about something that is there, and names the scope that a key needs', () => {
    const declared = procedures().map(({ path, access }) => [
      path,
      access.role === 'public' ? '-' : `${path.split('.', 1)[0]}:${access.verb}`,
    ]);
    const lines = [...matrix.values()].filter(({ path }) => !path.startsWith('/')).map(({ path, scope }) => [path, scope]);
    expect(lines.toSorted()).toEqual(declared.toSorted());
  });

  test('an Analyst and a Client change nothing but their own accounts, and signed out only set-up and an invitation can be asked', () => {
    const ofOthers = procedures().filter(({ access }) => access.role === 'public' || !access.people);
    const changing = ofOthers.filter(({ type, access: { role } }) => type === 'mutation' && (role === 'analyst' || role === 'client'));
    expect(changing).toEqual([]);
    const open = procedures().filter(({ access }) => access.role === 'public');
    expect(open.map(({ path }) => path)).toEqual(['setup.status', 'setup.complete', 'invitations.accept']);
  });

  test('every mutation is audited and no query is; a query reads and a mutation does not', () => {
    for (const { path, type, access } of procedures()) {
      expect([path, access.audit]).toEqual([path, type === 'mutation' ? 'entry' : 'none']);
      expect([path, access.verb === 'read']).toEqual([path, type !== 'mutation']);
    }
  });

  test('the tables in the documentation are those that are in force', async () => {
    const record = await readFile(new URL('../../../docs/roles.md', import.meta.url), 'utf8');
    // A formatter may widen columns.
    const plain = (text: string) => text.replace(/ +/g, ' ').replace(/\| ?-+ ?(?=\|)/g, '|---');
    for (const table of [rolesInWords(), accessTable()]) expect(plain(record)).toContain(plain(table));
  });
});
