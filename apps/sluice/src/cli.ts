// Entry of `npm run -s sluice -- COMMAND`. The grammar is program.ts, each command a file of commands/; here is only how it ends.
import { failureOf, failureText } from './commands/failure.ts';
import { commandArguments } from './env.ts';
import { program } from './program.ts';

process.stdout.on('error', () => undefined);
try {
  await program().parseAsync(commandArguments, { from: 'user' });
} catch (error) {
  const failure = failureOf(error);
  const text = failureText(failure, commandArguments.includes('--json'));
  if (text !== null && text !== '' && failure.code !== 0) process.stderr.write(`${text}\n`);
  process.exitCode = failure.code;
}
