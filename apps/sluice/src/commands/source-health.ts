// `sluice sources health`, `check` and `use-anyway`: which sources the nodes send through, which they took out and why, what DNS says of
// their names, and the two things that an operator can do about it.
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';
import { sourceNamed } from './scope-options.ts';
import { waitForNodes } from './wait-for-nodes.ts';

const instant = (ms: number): string => new Date(ms).toISOString();
const reasons = {
  address_missing: 'its address is not on the node',
  proxy_dead: 'its proxy does not take connections',
  connects_fail: 'nothing can be reached through it',
} as const;

export async function sourceHealth(options: { all?: true; json?: true }): Promise<void> {
  const { client } = connect();
  const [answer, sources] = await Promise.all([client.sources.health.query(), client.sources.list.query()]);
  if (options.json) return printJson(answer);
  const names = new Map(sources.map(({ id, name }) => [id, name]));
  for (const { node, sources: told, total } of answer.nodes) {
    const out = told.filter(({ state }) => state !== 'in_use').length;
    print(printable(`${node}: ${total - out} of ${total} sources in use`));
    for (const row of told) {
      const name = names.get(row.sourceId) ?? row.sourceId;
      const wantsLook = row.names !== null && row.names.state !== 'good';
      if (row.state === 'in_use' && !wantsLook && !options.all) continue;
      printRow(`  ${name}`, `${row.state.replaceAll('_', ' ')}${row.reason === null ? '' : `: ${reasons[row.reason]}`}`);
      if (row.sinceMs !== null) print(printable(`    since ${instant(row.sinceMs)}${row.detail === null ? '' : `: ${row.detail}`}`));
      if (row.nextProbeMs !== null)
        print(
          printable(
            `    next probe ${instant(row.nextProbeMs)}, ${row.probes} failed${row.lastProbe === null ? '' : `: ${row.lastProbe}`}`,
          ),
        );
      if (row.usedAnywayUntilMs !== null) print(`    used anyway until ${instant(row.usedAnywayUntilMs)}`);
      if (row.names !== null && (wantsLook || options.all))
        print(printable(`    names: ${row.names.finding}. ${row.names.remedy}`.trimEnd()));
    }
  }
  if (answer.silent.length > 0) print(printable(`did not answer: ${answer.silent.join(', ')}`));
}

export async function checkSource(name: string, options: { reason: string }): Promise<void> {
  const { client } = connect();
  const source = await sourceNamed(client, name);
  const { commandId } = await client.commands.issue.mutate({ kind: 'probe_source', scope: { source }, reason: options.reason });
  await waitForNodes(client, commandId, null);
}

export async function useAnyway(name: string, options: { minutes: string; reason: string }): Promise<void> {
  const minutes = /^\d{1,5}$/.test(options.minutes) ? Number(options.minutes) : 0;
  if (minutes < 1) throw new CommandFailure('--minutes is a number of minutes', exitCodes.usage);
  const { client } = connect();
  const source = await sourceNamed(client, name);
  const given = { kind: 'use_source', scope: { source }, minutes, reason: options.reason } as const;
  const { commandId, expiresAt } = await client.commands.issue.mutate(given);
  print(
    printable(
      `${name} is used even while it is out, until ${expiresAt ?? 'someone ends it'}; \`sluice commands withdraw ${commandId}\` ends it`,
    ),
  );
  await waitForNodes(client, commandId, null);
}
