// Before the browser tests: the pages of the console as their sources say.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function buildPages(): void {
  const run = fileURLToPath(new URL('../../../run.mjs', import.meta.url));
  execFileSync(process.execPath, [run, 'build'], { stdio: 'inherit' });
}
