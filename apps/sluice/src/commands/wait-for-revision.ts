// A revision is in force only when every node that reports runs it.
import type { SluiceClient } from '@sluice/client';
import { CommandFailure, print, printable } from './outcome.ts';

const waitLimitMs = 30_000;
const pollIntervalMs = 150;

/** Returns when all live nodes have it; fails when one refused it, when none reports, or when it takes too long. */
export async function waitForRevision(client: SluiceClient, revision: number): Promise<void> {
  const limit = performance.now() + waitLimitMs;
  for (;;) {
    const { done, nodes } = await client.config.wait.query({ revision });
    const refused = nodes.find(({ state }) => state === 'refused');
    if (refused) throw new CommandFailure(printable(`${refused.node} refused revision ${revision}: ${refused.problem ?? 'see its log'}`));
    if (done) {
      print(
        printable(
          `revision ${revision} is in force on ${nodes
            .filter(({ state }) => state === 'has')
            .map(({ node }) => node)
            .join(', ')}`,
        ),
      );
      return;
    }
    if (performance.now() > limit) {
      const late = nodes.filter(({ state }) => state === 'waiting').map(({ node }) => node);
      const who = late.length > 0 ? `not yet in force on ${late.join(', ')}` : 'not in force anywhere: no node reports';
      throw new CommandFailure(printable(`revision ${revision} is stored, but ${who}`));
    }
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
}
