// `npm run check`: format, lint, imports, types, unused code. All gates run, each tells what it looked at, and any failure fails the run.
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool, type GateResult } from './gate-run.ts';
import { checkImports } from './imports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const parallelTypeChecks = 2;
const minFiles = 50;

function workspaces(): string[] {
  const nested = ['apps', 'packages'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)));
  return [...nested, join(root, 'prisma'), join(root, 'e2e')].filter((folder) => existsSync(join(folder, 'tsconfig.json')));
}

/** Next's types of routes are made by its build; without them the console's own types are incomplete. */
async function typeCheck(): Promise<GateResult[]> {
  const queue = workspaces().values();
  const results: GateResult[] = [];
  const worker = async (): Promise<void> => {
    for (const folder of queue)
      results.push(await runTool(`types of ${relative(root, folder)}`, bin('tsc'), ['-p', folder, '--noEmit'], root));
  };
  await Promise.all(Array.from({ length: parallelTypeChecks }, worker));
  return results;
}

function importGate(): GateResult {
  const startedAt = performance.now();
  const { files, violations } = checkImports(root);
  const lines = violations.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  if (files < minFiles) lines.push(`only ${files} files were read`);
  return {
    name: `imports of ${files} files`,
    ok: lines.length === 0,
    output: lines.join('\n'),
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function tell({ name, ok, output, seconds }: GateResult): void {
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)`);
  if (!ok) console.log(output.replaceAll(/^/gm, '     '));
}

const results: GateResult[] = [];
const record = (result: GateResult): void => {
  results.push(result);
  tell(result);
};
record(await runTool('format', bin('prettier'), ['--check', '--log-level', 'warn', '.'], root));
record(await runTool('lint', bin('oxlint'), ['--type-aware', '--deny-warnings', '--format', 'unix'], root));
record(importGate());
for (const result of await typeCheck()) record(result);
record(await runTool('unused code', bin('knip'), ['--no-progress'], root));
const failed = results.filter((result) => !result.ok).length;
console.log(failed === 0 ? `${results.length} checks passed` : `${failed} of ${results.length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
