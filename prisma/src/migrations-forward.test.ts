// A migration is applied while engines of the version before still run, so it may only add: nothing that such an engine reads or writes is
// taken away, renamed, retyped or made a must. A migration that has to do so is split over two releases.
import { expect, test } from 'vitest';
import { readMigrations } from './migrate.ts';
import { grants } from './roles.ts';

const migrations = await readMigrations();
/** Bodies of functions run later, and say nothing about the schema. */
const statementsOf = (sql: string): string[] =>
  sql
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, '')
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim());

const takesAway =
  /^(?:drop (?:table|view|function)|alter table .*\b(?:drop column|rename|alter column "?\w+"? (?:set not null|(?:set data )?type))\b)/i;
const tableOf = (statement: string): string =>
  /(?:table|view|function)(?: if exists)? (?:only )?(?:public\.)?"?(\w+)"?/i.exec(statement)?.[1] ?? '';

test.each(migrations.map(({ name, sql }) => [name, sql] as const))('%s takes nothing from an engine that runs', (_name, sql) => {
  const breaking = statementsOf(sql).filter((statement) => takesAway.test(statement) && tableOf(statement) in grants.engine);
  expect(breaking).toEqual([]);
});

test('a new column of a table that engines write has a default or may be null', () => {
  const written = Object.entries(grants.engine).flatMap(([table, may]) => (may.includes('insert') ? [table] : []));
  expect(written.length).toBeGreaterThan(5);
  for (const { name, sql } of migrations)
    for (const statement of statementsOf(sql)) {
      if (!/^alter table .*\badd column\b/i.test(statement) || !written.includes(tableOf(statement))) continue;
      for (const added of statement.split(/\badd column\b/i).slice(1))
        expect([name, added, /not null/i.test(added) && !/default/i.test(added)]).toEqual([name, added, false]);
    }
});

test('these rules see what they are for', () => {
  const seen = (statement: string) => takesAway.test(statement) && tableOf(statement) in grants.engine;
  expect(seen('alter table "node" drop column "revision"')).toBe(true);
  expect(seen('alter table node alter column boot_id set not null')).toBe(true);
  expect(seen('drop table public.delivery_event')).toBe(true);
  expect(seen('alter table "node" add column "x" text')).toBe(false);
  expect(seen('alter table "user" drop column "name"')).toBe(false);
});
