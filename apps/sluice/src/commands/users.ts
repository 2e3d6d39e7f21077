// `sluice users`: getting (back) in, from the machine itself.
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable } from './outcome.ts';

const passwordBytes = 18;

export async function resetPassword(options: { email: string; local?: boolean; passwordStdin?: boolean }): Promise<void> {
  if (!options.local) throw new CommandFailure('--local is needed: the password is reset with the token of this machine', exitCodes.usage);
  const { client } = connect();
  const password = options.passwordStdin
    ? (await text(process.stdin)).replace(/\r?\n$/, '')
    : randomBytes(passwordBytes).toString('base64url');
  const { sessionsEnded } = await client.users.resetPassword.mutate({
    email: options.email,
    password,
    reason: 'reset by the local command line',
  });
  print(`The password of ${printable(options.email)} is changed; ${sessionsEnded} session${sessionsEnded === 1 ? '' : 's'} ended.`);
  if (!options.passwordStdin) print(`New password: ${password}`);
}

export async function setupLink(): Promise<void> {
  const { client } = connect();
  const { url, expiresAt } = await client.setup.issueLink.mutate();
  print(`${url}\nIt works once, until ${expiresAt}.`);
}
