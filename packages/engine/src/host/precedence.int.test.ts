// Which nicenesses the threads of an engine take, in processes of their own.
import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';

type Taken = { said: number; own: number; other: number; listener: number; replaced: number };

/**
 * The engine's thread takes its place beside a thread that was there before and takes none, and a listener's; then a signing thread is
 * started that replaces another. What the first says to have, and those of all four.
 */
function taken(...before: string[]): Taken {
  const precedence = JSON.stringify(new URL('./precedence.ts', import.meta.url).href);
  const script = `
    import { getPriority } from 'node:os';
    import { Worker } from 'node:worker_threads';
    import { takePlace } from ${precedence};
    // Modules, as this script is.
    const start = async (taking) => {
      const worker = new Worker(
        "import { parentPort } from 'node:worker_threads'; import { getPriority } from 'node:os'; import { takePlace } from ${precedence.replaceAll('"', "'")};"
          + taking + "; parentPort.on('message', () => parentPort.postMessage(getPriority()));",
        { eval: true },
      );
      await new Promise((resolve) => worker.once('online', resolve));
      return () => new Promise((resolve) => { worker.once('message', resolve); worker.postMessage(''); });
    };
    const other = await start('');
    const listener = await start("takePlace('listener')");
    await listener();
    const said = takePlace('engine');
    const replaced = await start("takePlace('signing')");
    console.log(JSON.stringify({ said, own: getPriority(), other: await other(), listener: await listener(), replaced: await replaced() }));
    process.exit(0);`;
  const args = [...before, process.execPath, '--input-type=module', '-e', script];
  return JSON.parse(execFileSync('env', args, { encoding: 'utf8' })) as Taken;
}

const mayRaise = process.getuid?.() === 0 && getPriority() === 0;

test.runIf(mayRaise)(
  "where they may, the engine's thread goes first, then the listener's, then those that were there or replace another",
  () => {
    expect(taken()).toEqual({ said: -5, own: -5, other: 0, listener: -3, replaced: 0 });
  },
);

test('a niceness that somebody gave the process stays', () => {
  const given = getPriority() + 3;
  expect(taken('nice', '-n', '3')).toEqual({ said: given, own: given, other: given, listener: given, replaced: given });
});

test.runIf(mayRaise)('where they may not, all stays as it is', () => {
  const withoutRight = ['setpriv', '--bounding-set=-sys_nice', '--inh-caps=-sys_nice'];
  expect(taken(...withoutRight)).toEqual({ said: 0, own: 0, other: 0, listener: 0, replaced: 0 });
});
