// The credential of `sluice send` on this machine: made through the API for the tenant that owns the sending domain, audited as local,
// and kept 0600 in the data folder for the next time. A kept one that is refused is disabled and replaced.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SluiceClient } from '@sluice/client';
import { writePrivateFile } from '../supervisor/secrets.ts';
import type { LocalConnection } from './connection.ts';
import { CommandFailure, printable } from './outcome.ts';

export type SendCredential = { id: string; username: string; password: string };
/** By stream id. */
type Kept = Record<string, SendCredential>;

const applyLimitMs = 15_000;
const pollIntervalMs = 100;

const file = (dataDir: string): string => join(dataDir, 'secrets', 'send-credentials.json');

function readKept(dataDir: string): Kept {
  // Written by ourselves, whole or not at all, into a folder of our own.
  return existsSync(file(dataDir)) ? (JSON.parse(readFileSync(file(dataDir), 'utf8')) as Kept) : {};
}

async function streamFor(
  client: SluiceClient,
  sender: string,
  streamName: string | undefined,
): Promise<{ tenantId: string; streamId: string }> {
  const domain = sender.slice(sender.lastIndexOf('@') + 1).toLowerCase();
  const owned = (await client.domains.list.query({})).find((candidate) => candidate.domain === domain);
  if (owned === undefined) throw new CommandFailure(`no tenant has the sending domain ${printable(domain)}`);
  const streams = await client.streams.list.query({ tenantId: owned.tenantId });
  const stream =
    streamName === undefined ? streams[0] : streams.find((candidate) => candidate.name === streamName || candidate.id === streamName);
  if (stream === undefined)
    throw new CommandFailure(
      `the tenant of ${printable(domain)} has no stream${streamName === undefined ? '' : ` ${printable(streamName)}`}`,
    );
  return { tenantId: owned.tenantId, streamId: stream.id };
}

/** Waits until every live node runs this revision, so that the engine knows the credential. */
async function waitForRevision(client: SluiceClient, revision: number): Promise<void> {
  const limit = performance.now() + applyLimitMs;
  while (performance.now() < limit) {
    const live = (await client.nodes.list.query()).filter((node) => node.state !== 'stale');
    if (live.length > 0 && live.every((node) => (node.revision ?? 0) >= revision)) return;
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
  throw new CommandFailure(`no engine runs revision ${revision} yet, so it does not know the new credential; see: sluice status`);
}

/** A credential for mail from `sender`. `refused` is the kept one that the engine did not take. */
export async function sendCredential(
  { run, client }: LocalConnection,
  sender: string,
  streamName: string | undefined,
  refused: SendCredential | null,
): Promise<SendCredential> {
  const { tenantId, streamId } = await streamFor(client, sender, streamName);
  const all = readKept(run.dataDir);
  const known = all[streamId];
  if (known !== undefined && known.id !== refused?.id) return known;
  if (known !== undefined)
    await client.credentials.setEnabled.mutate({ id: known.id, enabled: false, reason: 'replaced by sluice send' }).catch(() => undefined);
  const username = `cli-${randomBytes(6).toString('hex')}`;
  const made = await client.credentials.create.mutate({ tenantId, streamId, username, reason: 'sluice send on this machine' });
  const credential = { id: made.id, username: made.username, password: made.password };
  writePrivateFile(file(run.dataDir), `${JSON.stringify({ ...all, [streamId]: credential }, null, 2)}\n`);
  await waitForRevision(client, made.revision);
  return credential;
}
