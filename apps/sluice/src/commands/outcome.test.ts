// The exit codes are one table: what the code says, what docs/cli.md says, and an end for every refusal that the API has.
import { readFileSync } from 'node:fs';
import { errorCodes } from '@sluice/contract/api';
import { expect, test, vi } from 'vitest';
import { CommandFailure, exitCodeMeanings, exitCodeOf, exitCodes, printRow } from './outcome.ts';
import { failureOf, failureText } from './failure.ts';

test('docs/cli.md has the table', () => {
  const page = readFileSync(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
  const rows = Object.entries(exitCodes).map(([name, code]) => `| ${code} | ${exitCodeMeanings[name as keyof typeof exitCodes]} |`);
  const plain = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/\| ?-+ ?(?=\|)/g, '|---');
  expect(plain(page)).toContain(plain(rows.join('\n')));
});

test('every refusal of the API ends a command with a code of the table, and none as done', () => {
  const known: number[] = Object.values(exitCodes).filter((code) => code !== exitCodes.done);
  expect(Object.keys(exitCodeOf).toSorted()).toEqual(Object.keys(errorCodes).toSorted());
  for (const code of Object.values(exitCodeOf)) expect(known).toContain(code);
});

test('nobody there is told apart from a failure, however deep the cause lies', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ECONNREFUSED' });
  const wrapped = new Error('fetch failed', { cause: new TypeError('fetch failed', { cause: refused }) });
  expect(failureOf(wrapped).code).toBe(exitCodes.notRunning);
  expect(failureOf(new AggregateError([refused])).code).toBe(exitCodes.notRunning);
  expect(failureOf(new Error('something else')).code).toBe(exitCodes.failed);
  expect(failureOf(new CommandFailure('no', exitCodes.conflict)).code).toBe(exitCodes.conflict);
});

test('what others wrote reaches no terminal as it is, and is one JSON object where JSON was asked for', () => {
  const failure = failureOf(new Error('bad \u001b[31mname\u0007'));
  expect(failureText(failure, false)).toBe('bad ?[31mname?');
  expect(JSON.parse(failureText(failure, true) ?? '')).toEqual({
    error: { message: 'bad ?[31mname?', code: null, reason: null, requestId: null },
    exitCode: 1,
  });
});

test('a row is columns parted by tabs, and nothing in a cell parts columns or steers a terminal', () => {
  const written: unknown[] = [];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(text) > 0);
  printRow('node-1', 3, 'two\tcells?\u001b[2J\n');
  out.mockRestore();
  expect(written).toEqual(['node-1\t3\ttwo?cells??[2J?\n']);
});
