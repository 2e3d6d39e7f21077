// `npm run check`: format, lint, imports, types, unused code. All gates run, each tells what it looked at, and any failure fails the run.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool, type GateResult } from './gate-run.ts';
import { checkImports } from './imports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const minFiles = 50;

/** Every workspace's own `typecheck`, in order of dependence; turbo remembers what has not changed since. */
function typeCheck(): Promise<GateResult> {
  return runTool('types', bin('turbo'), ['run', 'typecheck', '--continue', '--output-logs=errors-only'], root);
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
record(await typeCheck());
record(await runTool('unused code', bin('knip'), ['--no-progress'], root));
const failed = results.filter((result) => !result.ok).length;
console.log(failed === 0 ? `${results.length} checks passed` : `${failed} of ${results.length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
