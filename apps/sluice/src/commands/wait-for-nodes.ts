// A command is done only when every live node said so.
import type { SluiceClient } from '@sluice/client';
import { CommandFailure, print, printable } from './outcome.ts';

const applyLimitMs = 15_000;
const pollIntervalMs = 150;

/** Returns when all live nodes, or the one that the command names, said that they applied it; fails when one failed or is late. */
export async function waitForNodes(client: SluiceClient, commandId: string, only: string | null): Promise<void> {
  const limit = performance.now() + applyLimitMs;
  let waiting: string[] = [];
  while (performance.now() < limit) {
    const [nodes, commands] = await Promise.all([client.nodes.list.query(), client.commands.list.query({ limit: 50 })]);
    const results = commands.find((command) => command.id === commandId)?.results ?? [];
    const failed = results.find((result) => result.status === 'failed');
    if (failed !== undefined) throw new CommandFailure(printable(`${failed.node}: ${failed.message}`));
    const applied = results.filter((result) => result.status === 'applied');
    waiting = nodes
      .filter(
        (node) => node.state !== 'stale' && (only === null || node.node === only) && !applied.some((result) => result.node === node.node),
      )
      .map((node) => node.node);
    if (waiting.length === 0 && applied.length > 0) {
      for (const result of applied) print(printable(`${result.node}: applied, ${result.matched} entries matched`));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
  throw new CommandFailure(`the command is stored, but not yet applied by ${waiting.map(printable).join(', ') || 'any node'}`);
}
