// What Tab offers, asked of a real shell where there is one; bash is on every machine on which this is developed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { program } from '../program.ts';
import { completionScript, shells } from './completion.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scriptOf = (shell: string): string => completionScript(shell, program());
const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** What bash offers after these words, the last being the one begun. */
function offered(words: readonly string[]): string[] {
  const line = ['sluice', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `${scriptOf('bash')}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', ask], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash offers nouns, then verbs, then options, and what begins as typed', () => {
  expect(offered([''])).toEqual(expect.arrayContaining(['status', 'queues', 'doctor', '--url']));
  expect(offered(['queues', ''])).toEqual(['list', 'explain']);
  expect(offered(['queues', 'explain', '--'])).toEqual(['--tenant', '--stream', '--campaign', '--json']);
  expect(offered(['config', 'drafts', ''])).toEqual(['list', 'show', 'save', 'plan', 'publish', 'discard']);
  expect(offered(['queues', 'explain', 'gmail.com', '--t'])).toEqual(['--tenant']);
  expect(offered(['--url', 'http://x', 'do'])).toEqual(['doctor', 'domains']);
});

test.each(shells.filter(isThere))('%s reads its script without complaint', (shell) => {
  const file = join(folder, `sluice.${shell}`);
  writeFileSync(file, scriptOf(shell));
  const { status, stderr } = spawnSync(shell, [shell === 'fish' ? '--no-execute' : '-n', file], { encoding: 'utf8' });
  expect([shell, status, stderr]).toEqual([shell, 0, '']);
});

test.each(shells)('the script of %s knows every command', (shell) => {
  const script = scriptOf(shell);
  for (const words of ['warm-ups', 'reset-password', 'set-members', 'completion']) expect(script).toContain(words);
});

test('another shell is wrong usage', () => {
  expect(() => scriptOf('tcsh')).toThrow('a shell is one of bash, zsh, fish');
});
