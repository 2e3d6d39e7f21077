// api-fuzz: every procedure of the API with inputs made from its schema, valid ones and broken ones, against a control plane with its own
// Postgres. Holds when nothing happens that nobody foresaw: no line at the level of errors, every refusal by a documented code, every
// answer as its schema says, and at least a fifth of the inputs valid. The same seed makes the same inputs.
//
// Usage: npm run drill -- api-fuzz [--inputs 10000] [--seed 1]
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { inputs: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } } });
const program = fileURLToPath(new URL('../../packages/control/src/testing/api-fuzz/main.ts', import.meta.url));
const leastValid = 0.2;

type Figures = { inputs: number; valid: number; succeeded: number; problems: string[]; unexpected: string[]; unexpectedLines: number };

const child = spawn(process.execPath, [program, values.seed, values.inputs], { stdio: ['ignore', 'pipe', 'inherit'] });
process.once('exit', () => void child.kill('SIGTERM'));
const [output, code] = await Promise.all([text(child.stdout), new Promise<number | null>((resolve) => child.once('close', resolve))]);
const last = output.trimEnd().split('\n').at(-1) ?? '';
if (code !== 0 || last === '') {
  process.stdout.write(`${JSON.stringify({ drill: 'api-fuzz', holds: false, code })}\n`);
  process.exit(1);
}
const { problems, unexpected, ...figures } = JSON.parse(last) as Figures;
for (const problem of problems) process.stdout.write(`${problem}\n`);
for (const line of unexpected) process.stdout.write(`${line}\n`);
const holds = problems.length === 0 && figures.unexpectedLines === 0 && figures.valid >= figures.inputs * leastValid;
process.stdout.write(`${JSON.stringify({ drill: 'api-fuzz', holds, seed: Number(values.seed), problems: problems.length, ...figures })}\n`);
process.exitCode = holds ? 0 : 1;
