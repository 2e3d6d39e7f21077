// Which niceness the engine's thread takes, in processes of their own.
import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';

/** Runs it with a thread that was there before; niceness it says to have, and those of the thread that called and of the other. */
function taken(...before: string[]): { said: number; own: number; other: number } {
  const script = `
    import { getPriority } from 'node:os';
    import { Worker } from 'node:worker_threads';
    import { takePrecedence } from ${JSON.stringify(new URL('./precedence.ts', import.meta.url).href)};
    const ask = "import { parentPort } from 'node:worker_threads'; import { getPriority } from 'node:os'; parentPort.on('message', () => parentPort.postMessage(getPriority()));";
    const worker = new Worker(ask, { eval: true }); // a module, as this script is
    await new Promise((resolve) => worker.once('online', resolve));
    const said = takePrecedence();
    worker.once('message', (other) => { console.log(JSON.stringify({ said, own: getPriority(), other })); process.exit(0); });
    worker.postMessage('');`;
  const args = [...before, process.execPath, '--input-type=module', '-e', script];
  return JSON.parse(execFileSync('env', args, { encoding: 'utf8' })) as { said: number; own: number; other: number };
}

const mayRaise = process.getuid?.() === 0 && getPriority() === 0;

test.runIf(mayRaise)('where it may, the thread that calls goes before those that were there', () => {
  expect(taken()).toEqual({ said: -5, own: -5, other: 0 });
});

test('a niceness that somebody gave the process stays', () => {
  const given = getPriority() + 3;
  expect(taken('nice', '-n', '3')).toEqual({ said: given, own: given, other: given });
});

test.runIf(mayRaise)('where it may not, all stays as it is', () => {
  expect(taken('setpriv', '--bounding-set=-sys_nice', '--inh-caps=-sys_nice')).toEqual({ said: 0, own: 0, other: 0 });
});
