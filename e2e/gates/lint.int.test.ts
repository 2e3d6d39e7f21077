// Every lint rule that guards the architecture is broken once, in a scratch project under the real configuration.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'sluice-lint-'));

const broken: [file: string, source: string, rule: string][] = [
  ['packages/engine/src/fetching.ts', "export const a = () => fetch('https://example.com');", 'no-restricted-globals'],
  ['packages/engine/src/timing.ts', 'export const a = () => setTimeout(() => undefined, 1);', 'no-restricted-globals'],
  ['packages/engine/src/now.ts', 'export const a = () => Date.now();', 'no-restricted-properties'],
  ['packages/engine/src/chance.ts', 'export const a = () => Math.random();', 'no-restricted-properties'],
  ['packages/engine/src/lookup.ts', "import { lookup } from 'node:dns';\nexport { lookup };", 'no-restricted-imports'],
  ['packages/engine/src/dialing.ts', "import { connect } from 'node:net';\nexport { connect };", 'no-restricted-imports'],
  ['packages/engine/src/https.ts', "import { request } from 'node:https';\nexport { request };", 'no-restricted-imports'],
  [
    'packages/engine/src/host/lookup.ts',
    "import dns from 'node:dns';\nexport const a = () => dns.lookup('a', () => undefined);",
    'no-restricted-properties',
  ],
  ['packages/engine/src/host/fetching.ts', "export const a = () => fetch('https://example.com');", 'no-restricted-globals'],
  ['packages/control/src/environment.ts', "export const a = process.env['A'];", 'no-process-env'],
  ['packages/control/src/now.ts', 'export const a = () => Date.now();', 'no-restricted-properties'],
  ['packages/control/src/one.ts', "import { two } from './two.ts';\nexport const one = (): number => two();", 'no-cycle'],
  ['packages/control/src/two.ts', "import { one } from './one.ts';\nexport const two = (): number => one();", 'no-cycle'],
  ['packages/control/src/floating.ts', 'const work = async () => 1;\nexport const a = () => { work(); };', 'no-floating-promises'],
  ['packages/control/src/any.ts', 'export const a = (b: any) => b;', 'no-explicit-any'],
  ['packages/control/src/ignored.ts', '// @ts-ignore\nexport const a = 1;', 'ban-ts-comment'],
  ['packages/control/src/printing.ts', "export const a = () => console.log('a');", 'no-console'],
  [
    'packages/control/src/switching.ts',
    "export const a = (b: 'x' | 'y') => { switch (b) { case 'x': return 1; } return 2; };",
    'switch-exhaustiveness-check',
  ],
  ['packages/control/src/long.ts', `export const a = [\n${'  1,\n'.repeat(301)}];`, 'max-lines'],
];
const clean: [file: string, source: string][] = [
  ['packages/control/src/env.ts', "export const a = process.env['A'];"],
  ['packages/control/src/clock.ts', 'export const a = () => Date.now();'],
  ['packages/engine/src/host/dialer.ts', "import { connect } from 'node:net';\nexport { connect };"],
  ['packages/engine/src/socket.ts', "import type { Socket } from 'node:net';\nexport type A = Socket;"],
];

let output = '';
beforeAll(() => {
  copyFileSync(join(root, '.oxlintrc.json'), join(project, '.oxlintrc.json'));
  copyFileSync(join(root, 'tsconfig.base.json'), join(project, 'tsconfig.json'));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  for (const [file, source] of [...broken, ...clean]) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), `${source}\n`);
  }
  execFileSync('git', ['init', '-q'], { cwd: project });
  output = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--type-aware', '--format', 'unix'], {
    cwd: project,
    encoding: 'utf8',
  }).stdout;
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

const problemsOf = (file: string): string =>
  output
    .split('\n')
    .filter((line) => line.startsWith(`${file}:`))
    .join('\n');

test.each(broken)('%s is refused', (file, _, rule) => {
  expect(problemsOf(file)).toContain(`(${rule})]`);
});
test.each(clean)('%s passes', (file) => {
  expect(problemsOf(file)).toBe('');
});
