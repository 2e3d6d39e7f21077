// The callers of the access tests, and what docs/roles.csv says that each must get. The table is written by hand: what the router declares
// is compared with it, never used to make it.
import { readFile } from 'node:fs/promises';
import type { Role } from '@sluice/contract/api';
import { makeKeyText } from '../api-keys/key-text.ts';
import { okay, password, type As, type TestControl } from './control.ts';
import type { TenantThings } from './world.ts';

/** The keys that lack one scope. */
export const otherScopes = 'key of other scopes';

/** Column of the table -> who that is; `bound` is to the tenant `mine`. */
export const callers: Readonly<Record<string, { role: Role; bound: boolean } | 'local' | 'key' | null>> = {
  'signed out': null,
  'tenant client': { role: 'client', bound: true },
  'tenant analyst': { role: 'analyst', bound: true },
  'tenant operator': { role: 'operator', bound: true },
  'tenant engineer': { role: 'engineer', bound: true },
  'tenant admin': { role: 'admin', bound: true },
  'tenant owner': { role: 'owner', bound: true },
  analyst: { role: 'analyst', bound: false },
  operator: { role: 'operator', bound: false },
  engineer: { role: 'engineer', bound: false },
  admin: { role: 'admin', bound: false },
  owner: { role: 'owner', bound: false },
  local: 'local',
  // Each has the scope that the line names and no other; those of the last have all others.
  key: 'key',
  'tenant key': 'key',
  [otherScopes]: 'key',
};
export const callerNames = Object.keys(callers);
export const isBound = (name: string): boolean => name.startsWith('tenant ');

export interface MatrixRow {
  /** Path of a procedure, or `/api/auth/...` of a way to sign in. */
  readonly path: string;
  /** What an API key needs: `resource:verb`; `-` where keys do not come. */
  readonly scope: string;
  /** Column -> HTTP status. */
  readonly answers: Readonly<Record<string, number>>;
  /**
   * What a bound caller who may ask gets when it asks about the other tenant's things: the same as about things that never were, unless
   * what is asked about is `shared` by all tenants. Null when no bound caller may ask, or only about itself.
   */
  readonly otherTenant: { readonly status: number; readonly shared: boolean } | null;
}

export async function readMatrix(): Promise<Map<string, MatrixRow>> {
  const text = await readFile(new URL('../../../../docs/roles.csv', import.meta.url), 'utf8');
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const columns = ['path', 'scope', ...callerNames, 'other tenant'];
  if (head !== columns.join(',')) throw new Error(`docs/roles.csv begins with the columns ${columns.join(',')}`);
  const rows = lines.map((line): MatrixRow => {
    const cells = line.split(',');
    if (cells.length !== columns.length) throw new Error(`docs/roles.csv: ${cells.length} cells in ${line}`);
    const at = (column: string): string => cells[columns.indexOf(column)] ?? '';
    const answers = Object.fromEntries(callerNames.map((name) => [name, Number(at(name))]));
    const other = at('other tenant');
    const status = other === 'shared' ? 200 : Number(other);
    return { path: at('path'), scope: at('scope'), answers, otherTenant: other === '-' ? null : { status, shared: other === 'shared' } };
  });
  const byPath = new Map(rows.map((row) => [row.path, row]));
  if (byPath.size !== rows.length) throw new Error('docs/roles.csv has two lines for one path');
  return byPath;
}

export const emailOf = (name: string): string => `${name.replaceAll(' ', '-')}@sluice.example`;

/** Accounts for all callers but keys, signed in. Those who can have the grant for personal data or not do not have it. */
export async function signInCallers(it: TestControl, { tenantId: mine }: TenantThings): Promise<Record<string, As>> {
  const as: Record<string, As> = {};
  for (const [name, caller] of Object.entries(callers)) {
    if (caller === 'key') continue;
    if (caller === null || caller === 'local') {
      as[name] = caller;
      continue;
    }
    const account = { name, email: emailOf(name), password, role: caller.role, tenantId: caller.bound ? mine : null };
    okay(await it.call('mutation', 'users.create', account, 'local'));
    as[name] = { cookie: (await it.signIn(account.email)).cookie };
  }
  return as;
}

/** Keys of this machine, which may all that an Owner may, within their scopes. */
export async function keysFor(it: TestControl, { tenantId: mine }: TenantThings, scopes: Record<'has' | 'lacks', readonly string[]>) {
  const make = async (name: string, has: readonly string[], tenantId: string | null): Promise<As> => {
    const { text, prefix, hash } = makeKeyText();
    const now = it.now();
    // As if just used, so that nothing is written down about its use.
    const times = { createdAt: now, lastUsedAt: now };
    await it.db.apiKey.create({
      data: {
        id: crypto.randomUUID(),
        name,
        prefix,
        secretHash: hash,
        scopes: [...has],
        tenantId,
        networks: [],
        madeBy: 'local',
        ...times,
      },
    });
    return { key: text };
  };
  return {
    key: await make('with the scope', scopes.has, null),
    'tenant key': await make('with the scope, of a tenant', scopes.has, mine),
    [otherScopes]: await make('with all other scopes', scopes.lacks, null),
  };
}

/** Every table with its number of rows and a sum over what is in them: equal when nothing was added, removed or changed anywhere. */
export async function everyRow({ db }: TestControl): Promise<string> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    select relname::text as name from pg_class where relkind in ('r', 'p') and not relispartition
      and relnamespace = 'public'::regnamespace order by relname`;
  const each = tables.map(
    ({ name }) =>
      `select '${name}' as "table", count(*)::int as rows, coalesce(sum(hashtext(t::text)::bigint), 0)::text as sum from "${name}" t`,
  );
  return JSON.stringify(await db.$queryRawUnsafe(each.join(' union all ')), null, 1);
}

const anyId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The same question about things that never were. */
export function aboutNothing<T>(input: T, { entryId, recipient }: TenantThings): { input: T; named: (answer: string) => string } {
  if (input === undefined) return { input, named: (answer) => answer };
  const made = new Map<string, string>([
    [entryId, 'never-a-message.1'],
    [recipient, 'nobody@never.example'],
  ]);
  const text = JSON.stringify(input);
  for (const id of text.match(anyId) ?? []) if (!made.has(id)) made.set(id, crypto.randomUUID());
  const swapped = [...made].reduce((so, [is, other]) => so.replaceAll(is, other), text);
  return {
    input: JSON.parse(swapped) as T,
    /** Says the first question's names where the answer has those of the second. */
    named: (answer) => [...made].reduce((so, [is, other]) => so.replaceAll(other, is), answer),
  };
}
