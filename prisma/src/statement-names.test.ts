import { expect, test } from 'vitest';
import { statementNames } from './statement-names.ts';

test('a statement that is asked again has a name of its own from then on', () => {
  const nameOf = statementNames();
  expect(nameOf({ sql: 'select 1' })).toBe('');
  const name = nameOf({ sql: 'select 1' });
  expect(name).not.toBe('');
  expect(nameOf({ sql: 'select 1' })).toBe(name);
  nameOf({ sql: 'select 2' });
  expect(nameOf({ sql: 'select 2' })).not.toBe(name);
});

test('however many statements come, the prepared ones are bounded and keep their names', () => {
  const nameOf = statementNames();
  const names = new Set<string>();
  for (let n = 0; n < 10_000; n++) for (let time = 0; time < 2; time++) names.add(nameOf({ sql: `select ${n}` }));
  expect(names.size).toBe(301);
  expect(nameOf({ sql: 'select 0' })).not.toBe('');
});
