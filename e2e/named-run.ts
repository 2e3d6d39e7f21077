// `npm run drill -- NAME` and `npm run bench -- NAME`: runs the named file and passes its exit code on; without a name, lists what there is
// with the first line of each file's comment.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Named = { name: string; path: string };

/** The .ts files of a folder, tests and helpers in subfolders aside. */
export function namedFiles(folder: string): Named[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')) : [];
  return names.sort().map((name) => ({ name: name.slice(0, -'.ts'.length), path: join(folder, name) }));
}

function firstLine(path: string): string {
  const [line = ''] = readFileSync(path, 'utf8').split('\n');
  return line.replace(/^\/\/\s*/, '');
}

export function runNamed(kind: string, choices: readonly Named[], [name, ...rest]: readonly string[]): void {
  const chosen = choices.find((choice) => choice.name === name);
  if (chosen === undefined) {
    if (name !== undefined) console.error(`there is no ${kind} named ${name}`);
    for (const choice of choices) console.log(`${choice.name}: ${firstLine(choice.path).replace(new RegExp(`^${choice.name}: *`), '')}`);
    process.exitCode = name === undefined ? 0 : 2;
    return;
  }
  const child = spawn(process.execPath, [chosen.path, ...rest], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => (process.exitCode = code ?? 1));
}
