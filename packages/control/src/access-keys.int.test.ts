// The access matrix for API keys: every procedure asked with a key that has its scope and no other, with one that has every scope but it,
// and with one of a tenant about its own things and another's. What must come is in docs/roles.csv, scope and answers both.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures } from './access-table.ts';
import type { ProcedureAccess } from './callable.ts';
import { okay, startTestControl, type Answer, type As, type TestControl } from './testing/control.ts';
import { everyRow, readMatrix, type MatrixRow } from './testing/matrix.ts';
import { questions } from './testing/questions.ts';
import { makeWorld, marker, type TenantThings, type World } from './testing/world.ts';

let it: TestControl;
let world: World;
const matrix = await readMatrix();
const scopes = [...new Set([...matrix.values()].map(({ scope }) => scope))].filter((scope) => scope !== '-');
const keysOf = new Map<string, As>();
let asked = 0;

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
});
afterAll(async () => {
  process.stdout.write(`access matrix of keys: ${scopes.length} scopes, ${keysOf.size} keys, ${asked} calls\n`);
  await it.close();
});

/** A key with these scopes, used before, so that nothing is written for its first use. */
async function keyWith(its: readonly string[], tenantId: string | null): Promise<As> {
  const name = `${its.join(' ')} ${tenantId ?? ''}`;
  const known = keysOf.get(name);
  if (known) return known;
  const input = { name: 'matrix', scopes: its, tenantId, personalData: true, reason: 'access test' };
  const key = { key: okay<{ secret: string }>(await it.call('mutation', 'keys.create', input, 'local')).secret };
  okay(await it.call('query', 'session.me', undefined, key));
  keysOf.set(name, key);
  return key;
}

const lineOf = (path: string): MatrixRow => {
  const line = matrix.get(path);
  if (!line) throw new Error(`docs/roles.csv has no line for ${path}`);
  return line;
};

async function inputOf({ path }: ProcedureAccess, of: TenantThings, caller: As): Promise<unknown> {
  const question = questions[path];
  if (!question) throw new Error(`testing/questions.ts has no question for ${path}`);
  return question(world, of, caller);
}

function ask({ path, type }: ProcedureAccess, key: As, input: unknown): Promise<Answer> {
  asked += 1;
  return it.call(type === 'mutation' ? 'mutation' : 'query', path, input, key);
}

const trailOf = (answer: Answer): Promise<number> =>
  it.db.auditEntry.count({ where: { requestId: answer.headers.get('x-request-id') ?? '' } });

const calls = procedures().filter(({ type, access }) => type !== 'subscription' && access.role !== 'public');

describe('every procedure asked with a key', () => {
  test.each(calls)('$path', async (procedure) => {
    const { scope, keys } = lineOf(procedure.path);
    const without = await keyWith(
      scopes.filter((other) => other !== scope),
      null,
    );
    const input = await inputOf(procedure, world.mine, without);
    const before = await everyRow(it);
    const refused = await ask(procedure, without, input);
    expect(refused.status).toBe(keys['key without scope']);
    if (refused.status !== 200) {
      expect(await everyRow(it)).toBe(before);
      expect(await trailOf(refused)).toBe(0);
    }
    const key = await keyWith([scope], null);
    const answer = await ask(procedure, key, await inputOf(procedure, world.mine, key));
    expect([answer.status, answer.message]).toEqual([keys['key'], expect.any(String)]);
    expect((await trailOf(answer)) > 0).toBe(answer.code === null && procedure.access.audit === 'entry');
  });

  test.each(calls)('$path, of one tenant', async (procedure) => {
    const { scope, keys, otherTenant } = lineOf(procedure.path);
    const key = await keyWith([scope], world.mine.tenantId);
    const answer = await ask(procedure, key, await inputOf(procedure, world.mine, key));
    expect(answer.status).toBe(keys['tenant key']);
    if (keys['tenant key'] === 403 || otherTenant === null) return;
    const input = await inputOf(procedure, world.theirs, null);
    const before = await everyRow(it);
    const ofTheirs = await ask(procedure, key, input);
    expect(ofTheirs.status).toBe(otherTenant);
    // The recipient is what was asked, not what was found.
    expect(JSON.stringify({ ...Object(ofTheirs.data), recipient: undefined })).not.toContain(marker);
    expect(await everyRow(it)).toBe(before);
  });

  test('every scope of the table is one that a key can have', async () => {
    type Offer = { resources: { resource: string; verbs: string[] }[] };
    const { resources } = okay<Offer>(await it.call('query', 'keys.grantable', undefined, 'local'));
    const offered = resources.flatMap(({ resource, verbs }) => verbs.map((verb) => `${resource}:${verb}`));
    expect(scopes.filter((scope) => !offered.includes(scope))).toEqual([]);
  });
});
