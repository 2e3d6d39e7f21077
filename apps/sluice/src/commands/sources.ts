// `sluice sources suspend` and `resume`: done only when every live node said so.
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable } from './outcome.ts';
import { sourceNamed } from './scope-options.ts';
import { waitForNodes } from './wait-for-nodes.ts';

const maxMinutes = 7 * 1440;

export async function suspend(name: string, options: { minutes: string; reason: string }): Promise<void> {
  const minutes = /^\d{1,5}$/.test(options.minutes) ? Number(options.minutes) : 0;
  if (minutes < 1 || minutes > maxMinutes) throw new CommandFailure(`--minutes must be 1 to ${maxMinutes}`, exitCodes.usage);
  const { client } = connect();
  const { commandId, expiresAt } = await client.commands.issue.mutate({
    kind: 'suspend',
    scope: { source: await sourceNamed(client, name) },
    minutes,
    reason: options.reason,
  });
  print(`${printable(name)} is suspended until ${expiresAt ?? 'someone resumes it'}`);
  await waitForNodes(client, commandId, null);
}

export async function resume(name: string, options: { reason: string }): Promise<void> {
  const { client } = connect();
  const { commandId } = await client.commands.issue.mutate({
    kind: 'resume',
    scope: { source: await sourceNamed(client, name) },
    reason: options.reason,
  });
  print(`${printable(name)} sends again`);
  await waitForNodes(client, commandId, null);
}
