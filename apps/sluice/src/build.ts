// Entry of `npm run build`: the console's pages ahead of a start, for an image or for tests. Does nothing where they are as their sources say.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment, projectRoot } from './env.ts';
import { bringConsoleUpToDate } from './supervisor/console-build.ts';
import { createEnding, endOnSignals } from './supervisor/ending.ts';
import { StartProblem } from './supervisor/problem.ts';

const logFolder = join(projectRoot, '.tmp');
mkdirSync(logFolder, { recursive: true });
const ending = createEnding();
endOnSignals(ending);
try {
  await bringConsoleUpToDate(projectRoot, childEnvironment({}), join(logFolder, 'console-build.log'), ending.signal);
  process.exitCode = ending.signal.aborted ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error instanceof StartProblem ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
