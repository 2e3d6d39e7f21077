// `sluice sources suspend` and `resume`: done only when every live node said so.
import type { SluiceClient } from '@sluice/client';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable } from './outcome.ts';

const applyLimitMs = 15_000;
const pollIntervalMs = 150;
const maxMinutes = 7 * 1440;

async function sourceId(client: SluiceClient, nameOrId: string): Promise<string> {
  const found = (await client.sources.list.query()).filter((source) => source.id === nameOrId || source.name === nameOrId);
  const [source] = found;
  if (source === undefined || found.length > 1)
    throw new CommandFailure(`${found.length === 0 ? 'no source is' : 'several sources are'} named ${printable(nameOrId)}`);
  return source.id;
}

/** Waits for the results of all live nodes. */
async function waitForNodes(client: SluiceClient, commandId: string): Promise<void> {
  const limit = performance.now() + applyLimitMs;
  let waiting: string[] = [];
  while (performance.now() < limit) {
    const [nodes, commands] = await Promise.all([client.nodes.list.query(), client.commands.list.query({ limit: 50 })]);
    const results = commands.find((command) => command.id === commandId)?.results ?? [];
    const failed = results.find((result) => result.status === 'failed');
    if (failed !== undefined) throw new CommandFailure(printable(`${failed.node}: ${failed.message}`));
    const applied = results.filter((result) => result.status === 'applied');
    waiting = nodes
      .filter((node) => node.state !== 'stale' && !applied.some((result) => result.node === node.node))
      .map((node) => node.node);
    if (waiting.length === 0 && applied.length > 0) {
      for (const result of applied) print(printable(`${result.node}: applied, ${result.matched} entries matched`));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
  throw new CommandFailure(`the command is stored, but not yet applied by ${waiting.map(printable).join(', ') || 'any node'}`);
}

export async function suspend(name: string, options: { minutes: string; reason: string }): Promise<void> {
  const minutes = /^\d{1,5}$/.test(options.minutes) ? Number(options.minutes) : 0;
  if (minutes < 1 || minutes > maxMinutes) throw new CommandFailure(`--minutes must be 1 to ${maxMinutes}`, exitCodes.usage);
  const { client } = connect();
  const { commandId, expiresAt } = await client.commands.issue.mutate({
    kind: 'suspend',
    scope: { source: await sourceId(client, name) },
    minutes,
    reason: options.reason,
  });
  print(`${printable(name)} is suspended until ${expiresAt ?? 'someone resumes it'}`);
  await waitForNodes(client, commandId);
}

export async function resume(name: string, options: { reason: string }): Promise<void> {
  const { client } = connect();
  const { commandId } = await client.commands.issue.mutate({
    kind: 'resume',
    scope: { source: await sourceId(client, name) },
    reason: options.reason,
  });
  print(`${printable(name)} sends again`);
  await waitForNodes(client, commandId);
}
