// `sluice users`: getting (back) in, from the machine itself.
import type { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { connectHere } from './connection.ts';
import { CommandFailure, exitCodes, print, printable } from './outcome.ts';

const passwordBytes = 18;

async function resetPassword(options: { email: string; local?: boolean; passwordStdin?: boolean }): Promise<void> {
  if (!options.local) throw new CommandFailure('--local is needed: the password is reset with the token of this machine', exitCodes.usage);
  const { client } = connectHere();
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

async function setupLink(): Promise<void> {
  const { client } = connectHere();
  const { url, expiresAt } = await client.setup.issueLink.mutate();
  print(`${url}\nIt works once, until ${expiresAt}.`);
}

export function addUserCommands(sluice: Command): void {
  const users = sluice.command('users').description('operator accounts');
  users
    .command('reset-password')
    .description('give an account a new password and end its sessions')
    .requiredOption('--email <address>', 'the account')
    .option('--local', 'use the token of this machine')
    .option('--password-stdin', 'read the new password from standard input instead of making one')
    .action(resetPassword);
  users.command('setup-link').description('a new one-time link for making the first account').action(setupLink);
}
