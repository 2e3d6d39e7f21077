// Entry of `npm start`: settings and arguments in, one running installation, exit code out.
import { commandArguments, projectRoot, readOwnSettings } from './env.ts';
import { StartProblem } from './supervisor/problem.ts';
import { supervise } from './supervisor/supervise.ts';

const usage = 'usage: npm start [-- --demo]\n  --demo  sample tenants, domains, pools and steady mail, delivered inside the sandbox';

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);
// The terminal may go away before us; that is no reason to leave anything running.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

async function main(): Promise<number> {
  if (commandArguments.includes('--help')) {
    write(usage);
    return 0;
  }
  const unknown = commandArguments.find((argument) => argument !== '--demo');
  if (unknown !== undefined) {
    complain(`unknown argument ${unknown}\n${usage}`);
    return 2;
  }
  const read = readOwnSettings();
  if (!read.ok) {
    for (const problem of read.problems) complain(problem);
    return 2;
  }
  const demo = read.settings.demo || commandArguments.includes('--demo');
  try {
    return await supervise({ ...read.settings, demo }, projectRoot, write, complain);
  } catch (error) {
    complain(error instanceof StartProblem ? error.message : `unexpected: ${error instanceof Error ? error.stack : String(error)}`);
    return 1;
  }
}

process.exitCode = await main();
// Nothing is running any more; a handle that is still open must not keep us.
process.exit();
