// `sluice send`: mail through SMTP submission, as any client hands it in.
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import nodemailer from 'nodemailer';
import { environment } from '../env.ts';
import { connectHere, type LocalConnection } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';
import { sendCredential } from './send-credential.ts';

export type SendOptions = {
  to: string;
  from: string;
  count: string;
  subject?: string;
  user?: string;
  password?: string;
  stream?: string;
  json?: boolean;
};
type Login = { username: string; password: string };
type Sent = { messageId: string; response: string };
type Batch = { sent: Sent[]; problems: string[]; loginRefused: boolean };

const maxCount = 100_000;
const maxConnections = 4;
const maxProblemsShown = 5;
const socketTimeoutMs = 60_000;

function transport({ run }: LocalConnection, login: Login) {
  const url = new URL(`smtp://${run.addresses.smtp}`);
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  const loopback = host.startsWith('127.') || host === '::1';
  // A local address of this machine by the run file. Beyond loopback the engine wants TLS for passwords; its certificate may be its own.
  const tls = loopback ? { ignoreTLS: true } : { requireTLS: true, tls: { rejectUnauthorized: false } };
  return nodemailer.createTransport({
    host,
    port: Number(url.port),
    pool: true,
    maxConnections,
    socketTimeout: socketTimeoutMs,
    auth: { user: login.username, pass: login.password },
    ...tls,
  });
}

async function sendBatch(connection: LocalConnection, login: Login, options: SendOptions, count: number): Promise<Batch> {
  const mailer = transport(connection, login);
  const batch: Batch = { sent: [], problems: [], loginRefused: false };
  const domain = options.from.slice(options.from.lastIndexOf('@') + 1);
  const sendOne = async (number: number): Promise<void> => {
    if (batch.loginRefused) return;
    const subject = options.subject ?? (count === 1 ? 'A message from sluice send' : `Message ${number} of ${count} from sluice send`);
    const text = `Sent by the sluice command line.\nNumber ${number} of ${count}.\n`;
    try {
      const info = await mailer.sendMail({ from: options.from, to: options.to, subject, text, messageId: `<${randomUUID()}@${domain}>` });
      batch.sent.push({ messageId: info.messageId, response: info.response });
    } catch (error) {
      const refusal = error as { responseCode?: number; message?: string };
      if (refusal.responseCode === 535) batch.loginRefused = true;
      batch.problems.push(refusal.message ?? String(error));
    }
  };
  const numbers = Array.from({ length: count }, (_, index) => index + 1).values();
  const worker = async (): Promise<void> => {
    for (const number of numbers) await sendOne(number);
  };
  await Promise.all(Array.from({ length: Math.min(maxConnections, count) }, worker));
  mailer.close();
  return batch;
}

async function sendWithOwnCredential(connection: LocalConnection, options: SendOptions, count: number): Promise<Batch> {
  const credential = await sendCredential(connection, options.from, options.stream, null);
  const batch = await sendBatch(connection, credential, options, count);
  if (!batch.loginRefused) return batch;
  return sendBatch(connection, await sendCredential(connection, options.from, options.stream, credential), options, count);
}

async function send(options: SendOptions): Promise<void> {
  const count = /^\d{1,6}$/.test(options.count) ? Number(options.count) : 0;
  if (count < 1 || count > maxCount) throw new CommandFailure(`--count must be 1 to ${maxCount}`, exitCodes.usage);
  const username = options.user ?? environment['SMTP_USER'];
  const password = options.password ?? environment['SMTP_PASSWORD'];
  if ((username === undefined) !== (password === undefined))
    throw new CommandFailure('--user and --password (or SMTP_USER and SMTP_PASSWORD) belong together', exitCodes.usage);
  const connection = connectHere();
  const batch =
    username !== undefined && password !== undefined
      ? await sendBatch(connection, { username, password }, options, count)
      : await sendWithOwnCredential(connection, options, count);
  if (options.json)
    printJson({ asked: count, accepted: batch.sent.length, messages: batch.sent, problems: batch.problems.slice(0, maxProblemsShown) });
  else print(`${batch.sent.length} of ${count} accepted${batch.sent.length === 1 ? `: ${printable(batch.sent[0]?.response ?? '')}` : ''}`);
  if (batch.sent.length < count) throw new CommandFailure(batch.problems.slice(0, maxProblemsShown).map(printable).join('\n'));
}

const asJson = ['--json', 'print JSON'] as const;

export function addSendCommand(sluice: Command): void {
  sluice
    .command('send')
    .description('hand in mail through SMTP submission')
    .requiredOption('--to <address>', 'recipient')
    .requiredOption('--from <address>', 'sender, at a sending domain of a tenant')
    .option('--count <number>', 'how many messages', '1')
    .option('--subject <text>', 'subject')
    .option('--stream <name>', "stream to use, if not the tenant's first (without --user)")
    .option('--user <name>', 'SMTP user (or SMTP_USER); without one this machine makes itself a credential')
    .option('--password <password>', 'SMTP password (or SMTP_PASSWORD)')
    .option(...asJson)
    .action(send);
}
