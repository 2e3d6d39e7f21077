// docs/scenarios.md says which behaviours are proven where: what it names must exist, and no scenario may be missing from it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { kumoTests } from './rival-options.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const text = readFileSync(join(docs, 'scenarios.md'), 'utf8');
const named = [...text.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');

it('every file that the table of scenarios names exists', () => {
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
});

it('every scenario file is named in the table of scenarios', () => {
  const files = readdirSync(join(docs, '../e2e/scenarios')).filter((name) => name.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((name) => !named.includes(`../e2e/scenarios/${name}`))).toEqual([]);
});

it('what is left out is left out with a reason', () => {
  const rows = text
    .slice(text.indexOf('## Left out'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
  expect(rows.length).toBeGreaterThan(5);
  for (const row of rows) expect(row.split('|')[2]?.trim().length, row).toBeGreaterThan(20);
});

it('every test of KumoMTA is proven here or left out', () => {
  const begin = text.indexOf("## KumoMTA's suite, test by test");
  const table = text.slice(begin, text.indexOf('## Left out'));
  expect(kumoTests.filter((name) => !table.includes(name))).toEqual([]);
});
