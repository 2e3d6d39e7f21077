// `sluice users`: accounts, invitations and sessions, with the token of this machine; and getting back in from the machine itself when
// password or second factor are lost.
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { SluiceClient } from '@sluice/client';
import { roles, type Role } from '@sluice/contract/api';
import type { Command } from 'commander';
import { connect, connectHere } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';
import { tenantNamed } from './scope-options.ts';

const passwordBytes = 18;
const asJson = ['--json', 'print JSON'] as const;
const because = ['--reason <text>', 'why, for the audit'] as const;

type Because = { reason: string };
type Json = { json?: true };

const sessions = (count: number): string => `${count} session${count === 1 ? '' : 's'} ended`;

function demandLocal(local: boolean | undefined): void {
  if (!local) throw new CommandFailure('--local is needed: this is done with the token of this machine', exitCodes.usage);
}

async function resetPassword(options: { email: string; local?: boolean; passwordStdin?: boolean }): Promise<void> {
  demandLocal(options.local);
  const { client } = connectHere();
  const password = options.passwordStdin
    ? (await text(process.stdin)).replace(/\r?\n$/, '')
    : randomBytes(passwordBytes).toString('base64url');
  const { sessionsEnded } = await client.users.resetPassword.mutate({
    email: options.email,
    password,
    reason: 'reset by the local command line',
  });
  print(`The password of ${printable(options.email)} is changed; ${sessions(sessionsEnded)}.`);
  if (!options.passwordStdin) print(`New password: ${password}`);
}

async function resetSecondFactor(options: { email: string; local?: boolean }): Promise<void> {
  demandLocal(options.local);
  const { client } = connectHere();
  const reason = 'reset by the local command line';
  const { sessionsEnded } = await client.users.resetSecondFactor.mutate({ email: options.email, reason });
  print(`The second factor of ${printable(options.email)} is gone; ${sessions(sessionsEnded)}. The password alone signs in now.`);
}

async function setupLink(): Promise<void> {
  const { client } = connectHere();
  const { url, expiresAt } = await client.setup.issueLink.mutate();
  print(`${url}\nIt works once, until ${expiresAt}.`);
}

async function account(client: SluiceClient, emailOrId: string) {
  const found = (await client.users.list.query()).find(({ id, email }) => id === emailOrId || email === emailOrId.toLowerCase());
  if (!found) throw new CommandFailure(`there is no account ${printable(emailOrId)}`);
  return found;
}

function roleNamed(word: string): Role {
  const found = roles.find((role) => role === word);
  if (!found) throw new CommandFailure(`a role is one of ${roles.join(', ')}`, exitCodes.usage);
  return found;
}

async function boundTo(client: SluiceClient, tenant: string | undefined): Promise<string | null> {
  return tenant === undefined ? null : tenantNamed(client, tenant);
}

async function list({ json }: Json): Promise<void> {
  const { client } = connect();
  const users = await client.users.list.query();
  if (json) return printJson(users);
  for (const { email, role, tenantId, disabled, secondFactorAt, secondFactorDueAt, sessions: open } of users) {
    const due = secondFactorDueAt === null ? 'no second factor' : `second factor missing, due ${secondFactorDueAt}`;
    const factor = secondFactorAt === null ? due : 'second factor';
    const bound = tenantId === null ? '' : `, tenant ${tenantId}`;
    printRow(email, `${role}${bound}`, disabled ? 'disabled' : 'enabled', factor, `${open} signed in`);
  }
}

async function invite(email: string, options: Because & Json & { role: string; tenant?: string; personalData?: true }): Promise<void> {
  const role = roleNamed(options.role);
  const { client } = connect();
  const tenantId = await boundTo(client, options.tenant);
  const { reason, personalData = false } = options;
  const made = await client.invitations.create.mutate({ email, role, tenantId, personalData, reason });
  if (options.json) return printJson(made);
  print(`${made.url}\nIt works once, until ${made.expiresAt}. Hand it to ${printable(email)} yourself.`);
}

async function listInvitations({ json }: Json): Promise<void> {
  const { client } = connect();
  const invitations = await client.invitations.list.query();
  if (json) return printJson(invitations);
  for (const { id, email, role, state, invitedBy, expiresAt } of invitations)
    printRow(id, email, role, state, `by ${invitedBy}`, `until ${expiresAt}`);
  if (invitations.length === 0) print('nobody was invited in the last 30 days');
}

async function revokeInvitation(id: string, { reason }: Because): Promise<void> {
  await connect().client.invitations.revoke.mutate({ id, reason });
  print('the invitation is revoked');
}

async function setDisabled(emailOrId: string, disabled: boolean, { reason }: Because): Promise<void> {
  const { client } = connect();
  const { id, email } = await account(client, emailOrId);
  const { sessionsEnded } = await client.users.setDisabled.mutate({ id, disabled, reason });
  print(printable(`${email} is ${disabled ? `disabled; ${sessions(sessionsEnded)}` : 'enabled'}`));
}

async function setRole(emailOrId: string, word: string, options: Because & { tenant?: string }): Promise<void> {
  const role = roleNamed(word);
  const { client } = connect();
  const { id, email } = await account(client, emailOrId);
  const tenantId = await boundTo(client, options.tenant);
  const { sessionsEnded } = await client.users.setRole.mutate({ id, role, tenantId, reason: options.reason });
  print(printable(`${email} is ${role}${tenantId === null ? '' : `, bound to tenant ${tenantId}`}; ${sessions(sessionsEnded)}`));
}

async function setPersonalData(emailOrId: string, word: string, { reason }: Because): Promise<void> {
  if (word !== 'whole' && word !== 'masked') throw new CommandFailure('say whole or masked', exitCodes.usage);
  const { client } = connect();
  const { id, email } = await account(client, emailOrId);
  await client.users.setGrants.mutate({ id, personalData: word === 'whole', reason });
  print(printable(`${email} sees addresses of recipients ${word === 'whole' ? 'whole' : 'in part'}`));
}

async function grace(days: string | undefined, { reason }: Partial<Because>): Promise<void> {
  const { client } = connect();
  if (days !== undefined && reason === undefined) throw new CommandFailure('a change takes a --reason', exitCodes.usage);
  const { secondFactorGraceDays } =
    days === undefined || reason === undefined
      ? await client.users.policy.query()
      : await client.users.setPolicy.mutate({ secondFactorGraceDays: Number(days), reason });
  print(`Owners, Admins and Engineers need a second factor ${secondFactorGraceDays} days after they get their role.`);
}

async function listSessions(emailOrId: string, { json }: Json): Promise<void> {
  const { client } = connect();
  const { id: userId } = await account(client, emailOrId);
  const open = await client.users.sessions.query({ userId });
  if (json) return printJson(open);
  for (const { id, address, agent, createdAt, lastUsedAt, secondFactor } of open)
    printRow(id, address ?? '-', `began ${createdAt}`, `used ${lastUsedAt}`, secondFactor ? 'with code' : 'password', agent ?? '-');
  if (open.length === 0) print('signed in nowhere');
}

async function revokeSession(emailOrId: string, session: string | undefined, options: Because & { all?: true }): Promise<void> {
  if ((session === undefined) === (options.all === undefined))
    throw new CommandFailure('name a session, as `users sessions` lists it, or say --all', exitCodes.usage);
  const { client } = connect();
  const { id: userId } = await account(client, emailOrId);
  const { ended } = await client.users.revokeSession.mutate({ userId, sessionId: session ?? null, reason: options.reason });
  print(sessions(ended));
}

export function addUserCommands(sluice: Command): void {
  const users = sluice.command('users').description('operator accounts');
  users
    .command('list')
    .description('everyone who can sign in')
    .option(...asJson)
    .action(list);
  users
    .command('invite')
    .description('a one-time link with which someone makes an account')
    .argument('<email>', 'for whom')
    .requiredOption('--role <role>', roles.join(', '))
    .option('--tenant <tenant>', 'name or id; the account sees that tenant only')
    .option('--personal-data', 'sees whole addresses of recipients, and what mail says')
    .requiredOption(...because)
    .option(...asJson)
    .action(invite);
  users
    .command('invitations')
    .description('who was invited in the last 30 days')
    .option(...asJson)
    .action(listInvitations);
  users
    .command('revoke-invitation')
    .description('make a link worth nothing')
    .argument('<id>', 'as `invitations` lists it')
    .requiredOption(...because)
    .action(revokeInvitation);
  for (const [name, disabled, words] of [
    ['disable', true, 'close an account; its sessions end at once'],
    ['enable', false, 'open a disabled account again'],
  ] as const)
    users
      .command(name)
      .description(words)
      .argument('<account>', 'email or id')
      .requiredOption(...because)
      .action((emailOrId: string, options: Because) => setDisabled(emailOrId, disabled, options));
  users
    .command('set-role')
    .description('give an account another role; its sessions end')
    .argument('<account>', 'email or id')
    .argument('<role>', roles.join(', '))
    .option('--tenant <tenant>', 'name or id; without one the account is bound to none')
    .requiredOption(...because)
    .action(setRole);
  users
    .command('personal-data')
    .description('whether an account sees addresses of recipients, and what mail says, whole or in part')
    .argument('<account>', 'email or id')
    .argument('<how>', 'whole or masked')
    .requiredOption(...because)
    .action(setPersonalData);
  users
    .command('grace')
    .description('show or change within how many days a role that needs a second factor must have one')
    .argument('[days]', '0 to 365; 0: at once')
    .option(...because)
    .action(grace);
  users
    .command('sessions')
    .description('where an account is signed in')
    .argument('<account>', 'email or id')
    .option(...asJson)
    .action(listSessions);
  users
    .command('revoke-session')
    .description('end a session, or all of an account')
    .argument('<account>', 'email or id')
    .argument('[session]', 'as `sessions` lists it')
    .option('--all', 'all sessions of the account')
    .requiredOption(...because)
    .action(revokeSession);
  users
    .command('reset-password')
    .description('give an account a new password and end its sessions')
    .requiredOption('--email <address>', 'the account')
    .option('--local', 'use the token of this machine')
    .option('--password-stdin', 'read the new password from standard input instead of making one')
    .action(resetPassword);
  users
    .command('reset-2fa')
    .description('take the second factor of an account away and end its sessions')
    .requiredOption('--email <address>', 'the account')
    .option('--local', 'use the token of this machine')
    .action(resetSecondFactor);
  users.command('setup-link').description('a new one-time link for making the first account').action(setupLink);
}
