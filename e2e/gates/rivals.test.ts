// docs/rivals.md promises counterparts for the options of other MTAs: each that it names must exist in the contract, and each option has
// a counterpart or a reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineCommand, entitySchemas, limitBody, settingKeys } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { kumoPathOptions, powerDomainDirectives } from './rival-options.ts';

const text = readFileSync(join(fileURLToPath(new URL('../../docs', import.meta.url)), 'rivals.md'), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Their'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const named = [...text.matchAll(/`(setting|limit|command|entity) ([\w.]+)`/g)].map(([, kind = '', name = '']) => ({ kind, name }));

const entityFields = Object.entries(entitySchemas).flatMap(([kind, schema]) =>
  Object.keys(schema.shape).map((field) => `${kind}.${field}`),
);
const known: Record<string, readonly string[]> = {
  setting: settingKeys,
  limit: limitBody.shape.kind.options,
  command: engineCommand.shape.kind.options,
  entity: entityFields,
};

describe('the table of the options of other MTAs', () => {
  it('names only settings, limits, commands and fields that exist', () => {
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter(({ kind, name }) => name !== 'X' && name !== 'X.Y' && !known[kind]?.includes(name))).toEqual([]);
  });

  it.each([
    ['make_egress_path', kumoPathOptions],
    ['<domain>', powerDomainDirectives],
  ])('has a row for every option of %s', (_where, options) => {
    const told = new Set(rows.flatMap(([, option = '']) => option.match(/[\w-]+/g) ?? []));
    expect(options.length).toBeGreaterThan(50);
    expect(options.filter((option) => !told.has(option))).toEqual([]);
  });

  it('has for every option a counterpart, or says why there is none', () => {
    expect(rows.length).toBeGreaterThan(80);
    for (const [, option = '', ours = '', ...rest] of rows.filter((row) => !row[1]?.startsWith('--'))) {
      expect(/^(`|Fixed: .{10}|No: .{15})/.test(ours), `${option}: ${ours}`).toBe(true);
      expect(rest).toHaveLength(2);
    }
  });
});
