// Many sources at once, from a network or a pasted table: they become a text that is merged, so that they are planned, checked and written
// like any other, and names that are there already are changed, not doubled.
import { isIP } from 'node:net';
import { configFormat, maxChangesPerRevision } from '@sluice/contract';
import type * as api from '@sluice/contract/api';
import { addressesOf, filled } from '@sluice/policy';
import type { z } from 'zod';
import { entryText } from '../config/text/emit.ts';
import { planText, writeText } from '../config/text/apply.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

type From = z.output<typeof api.sourcesBulk.input>['from'];
type Entry = { name: string; fields: { [field: string]: unknown } };

export async function bulkSources(scope: Scope, { from, dryRun, reason }: z.output<typeof api.sourcesBulk.input>) {
  const entries = from.kind === 'network' ? ofNetwork(from) : ofTable(from);
  const names = new Set(entries.map(({ name }) => name));
  if (names.size < entries.length) throw new Refusal('BAD_REQUEST', 'two of them have the same name: put {n} or {address} into it');
  const text = `sluice: ${configFormat}\nsources:\n${entries.map(({ name, fields }) => entryText(name, fields)).join('')}`;
  const source = { text, mode: 'merge' as const };
  const { edits: _edits, ...plan } = await planText(scope, source);
  const why = { action: 'sources.bulk', target: `sources:${entries.length}`, reason };
  if (dryRun) {
    await scope.audit({ ...why, after: { dryRun, ...plan.counts } });
    return { plan, revision: null };
  }
  const { revision } = await writeText(scope, source, { why, baseRevision: plan.baseRevision });
  return { plan, revision };
}

const familyOf = (address: string): number => isIP(address);

function ofNetwork({ cidr, name, ehlo, node }: Extract<From, { kind: 'network' }>): Entry[] {
  const addresses = addressesOf(cidr, maxChangesPerRevision);
  if (addresses === null)
    throw new Refusal('BAD_REQUEST', `cidr: ${cidr} has more than ${maxChangesPerRevision} addresses; take it in parts`);
  return addresses.map((address, index) => ({
    name: filled(name, address, index + 1),
    fields: { ...addressFields(address, address), ehloName: filled(ehlo, address, index + 1).toLowerCase(), node },
  }));
}

const addressFields = (address: string, bind: string) => ({ publicAddress: address, bindAddress: bind, family: familyOf(address) });

const columns = ['name', 'address', 'bind', 'ehlo', 'node', 'enabled'] as const;
type Column = (typeof columns)[number];
const isColumn = (text: string): text is Column => columns.some((column) => column === text);

/** With a line of column names, or in their order. Columns are parted by commas, semicolons or tabs. */
function ofTable({ csv, ehlo }: Extract<From, { kind: 'table' }>): Entry[] {
  const rows = csv
    .split(/\r?\n/)
    .map((line, index) => ({ at: index + 1, cells: line.split(/[,;\t]/).map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const [head] = rows;
  const titled = head !== undefined && head.cells.map((cell) => cell.toLowerCase()).includes('address');
  const order = titled ? head.cells.map((cell) => columnOf(cell, head.at)) : [...columns];
  const lines = titled ? rows.slice(1) : rows;
  if (lines.length === 0) throw new Refusal('BAD_REQUEST', 'csv: there is no line in it');
  if (lines.length > maxChangesPerRevision) throw new Refusal('BAD_REQUEST', `csv: at most ${maxChangesPerRevision} lines at once`);
  return lines.map(({ at, cells }, index) => {
    if (cells.length > order.length)
      throw new Refusal('BAD_REQUEST', `csv: line ${at} has more than ${order.length} columns: ${order.join(', ')}`);
    const of = (column: Column): string => cells[order.indexOf(column)] ?? '';
    const [name, address] = [of('name'), of('address')];
    if (name === '') throw new Refusal('BAD_REQUEST', `csv: line ${at} has no name`);
    if (familyOf(address) === 0) throw new Refusal('BAD_REQUEST', `csv: line ${at}: ${address || 'nothing'} is no address`);
    const greeting = of('ehlo') || filled(ehlo, address, index + 1);
    if (greeting === '') throw new Refusal('BAD_REQUEST', `csv: line ${at} has no EHLO name, and none is given for all`);
    const fields = { ...addressFields(address, of('bind') || address), ehloName: greeting.toLowerCase() };
    return { name, fields: { ...fields, ...optional(of('node'), of('enabled'), at) } };
  });
}

function columnOf(cell: string, at: number): Column {
  const column = cell.toLowerCase();
  if (!isColumn(column)) throw new Refusal('BAD_REQUEST', `csv: line ${at}: there is no column ${cell}; expected ${columns.join(', ')}`);
  return column;
}

function optional(node: string, enabled: string, at: number): { node?: string; enabled?: boolean } {
  if (!/^(?:yes|no|true|false|1|0|)$/i.test(enabled))
    throw new Refusal('BAD_REQUEST', `csv: line ${at}: enabled is yes or no, not ${enabled}`);
  return { ...(node !== '' && { node }), ...(enabled !== '' && { enabled: /^(?:yes|true|1)$/i.test(enabled) }) };
}
