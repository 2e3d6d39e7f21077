// `sluice secrets` and `sluice nodes`: the keys that secrets are sealed for, and the nodes that may open them.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { kekIdOf } from '@sluice/plane';
import { writePrivateFile } from '../supervisor/secrets.ts';
import { connect, connectHere, ownSettings } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';

const keyBytes = 32;

async function status(options: { json?: true }): Promise<void> {
  const { client } = connect();
  const now = await client.secrets.status.query();
  if (options.json) return printJson(now);
  print(`${now.total} secrets, ${now.waiting === 0 ? 'all sealed for the keys in force' : `${now.waiting} wait to be sealed anew`}`);
  printRow('key-encryption key', now.kekId);
  for (const { id, needed } of now.oldKeks) printRow('  old', id, needed ? 'still needed' : 'no longer needed');
  for (const { id, state, createdAt } of now.fleetKeys) printRow('fleet key', id, state, `since ${createdAt}`);
}

async function rotateFleetKey({ reason }: { reason: string }): Promise<void> {
  const { client } = connect();
  const { fleetKeyId } = await client.secrets.rotateFleetKey.mutate({ reason });
  print(
    `${fleetKeyId} is the fleet key from now on. Secrets are sealed for it in the background; sluice secrets status says how far it is.`,
  );
}

/** Of an own key in the data folder. One step a call, each safe to repeat: the new key beside the old, a restart, and the old one goes. */
async function rotateKek(): Promise<void> {
  const settings = ownSettings();
  if (settings.key !== null)
    throw new CommandFailure(
      'SLUICE_KEY is yours to change: set the new key as SLUICE_KEY, the old one as SLUICE_OLD_KEY, and restart',
      exitCodes.usage,
    );
  const file = (name: string) => join(resolve(settings.dataDir), 'secrets', name);
  const read = (name: string) => readFileSync(file(name), 'utf8').trim();
  if (!existsSync(file('key'))) throw new CommandFailure(`${file('key')} is not there: start Sluice once`, exitCodes.notRunning);
  const idOf = (name: string) => kekIdOf(Buffer.from(read(name), 'base64'));
  // The same key twice: ended before the second step of the first call.
  if (existsSync(file('old-key')) && read('old-key') !== read('key')) {
    const now = await connectHere().client.secrets.status.query();
    if (now.kekId !== idOf('key')) return print('The new key waits: restart Sluice, and everything is sealed for it.');
    const old = now.oldKeks.find(({ id }) => id === idOf('old-key'));
    if (now.waiting > 0 || old?.needed !== false)
      return print(`${now.waiting} secrets wait to be sealed for the new key; ask again in a while.`);
    rmSync(file('old-key'));
    return print('Everything is sealed for the new key. The old one is deleted; keep it with the backups that need it.');
  }
  writePrivateFile(file('old-key'), `${read('key')}\n`);
  writePrivateFile(file('key'), `${randomBytes(keyBytes).toString('base64')}\n`);
  print(`A new key is in ${file('key')}, the old one in ${file('old-key')}. Restart Sluice; then run this command again to finish.`);
}

async function listKeys(options: { json?: true }): Promise<void> {
  const keys = await connect().client.nodes.keys.query();
  if (options.json) return printJson(keys);
  for (const { id, node, state, fingerprint, ready, seenAt } of keys) {
    const waits = state === 'enrolled' && !ready ? ' (has not taken the fleet key yet)' : '';
    printRow(id, node, `${state}${waits}`, fingerprint, `seen ${seenAt}`);
  }
  if (keys.length === 0) print('no node has made itself known');
}

async function enroll(keyId: string, { reason }: { reason: string }): Promise<void> {
  const { node } = await connect().client.nodes.enroll.mutate({ keyId, reason });
  print(printable(`${node} is enrolled and opens secrets within seconds.`));
}

async function remove(keyId: string, { reason }: { reason: string }): Promise<void> {
  const { node } = await connect().client.nodes.remove.mutate({ keyId, reason });
  print(printable(`${node} is removed. There is a new fleet key; what the node has opened before, change at its origin.`));
}

const because = ['--reason <text>', 'why, for the audit'] as const;

export function addSecretCommands(sluice: Command): void {
  const secrets = sluice.command('secrets').description('how private keys and passwords are kept');
  secrets.command('status').description('the keys in force, and what is sealed for others').option('--json', 'print JSON').action(status);
  secrets
    .command('rotate-fleet-key')
    .description('a new fleet key for all enrolled nodes')
    .requiredOption(...because)
    .action(rotateFleetKey);
  secrets.command('rotate-kek').description('a new key-encryption key; once to make it, once more after a restart').action(rotateKek);
}

/** Under `nodes`. */
export function addNodeKeyCommands(nodes: Command): void {
  nodes.command('keys').description('which nodes may open secrets').option('--json', 'print JSON').action(listKeys);
  for (const [name, description, action] of [
    ['enroll', 'let a node open secrets; compare its fingerprint with its log first', enroll],
    ['remove', 'let a node open nothing more, and make a new fleet key', remove],
  ] as const) {
    const one = nodes.command(name).description(description).argument('<key>', 'as nodes keys shows it');
    one.requiredOption(...because).action(action);
  }
}
