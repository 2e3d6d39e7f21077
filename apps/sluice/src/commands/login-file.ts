// Where `sluice login` keeps the address and the key: one file under the user's configuration folder that only that user reads.
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../supervisor/secrets.ts';
import { CommandFailure } from './outcome.ts';

/** `token`: an API key. `cookie`: the session of somebody who signed in with a password. */
export type Login = { url: string; token: string } | { url: string; cookie: string };

export const loginFile = (folder: string): string => join(folder, 'login.json');

/** Null when nobody has signed in. */
export function readLogin(folder: string): Login | null {
  let text: string;
  try {
    text = readFileSync(loginFile(folder), 'utf8');
  } catch {
    return null;
  }
  const login = parsed(text);
  if (login === null) throw new CommandFailure(`${loginFile(folder)} does not read; sluice logout removes it`);
  return login;
}

function parsed(text: string): Login | null {
  try {
    const { url, token, cookie } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url !== 'string' || !URL.canParse(url)) return null;
    if (typeof token === 'string') return { url, token };
    return typeof cookie === 'string' ? { url, cookie } : null;
  } catch {
    return null;
  }
}

export function writeLogin(folder: string, kept: Login): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  writePrivateFile(loginFile(folder), `${JSON.stringify(kept)}\n`);
}

export function removeLogin(folder: string): void {
  rmSync(loginFile(folder), { force: true });
}
