// Which sources nodes send through, which they took out and why, and what DNS says of their names: asked of every node when somebody looks.
import { askNodes, silentOf } from '../commands/ask-nodes.ts';
import type { Scope } from '../scope.ts';
import { visibleEgress } from './visible.ts';

export async function sourceHealth(scope: Scope) {
  const visible = await visibleEgress(scope);
  const bound = scope.actor.tenantId !== null;
  const answers = await askNodes(scope, { kind: 'source_health' });
  const nodes = answers.flatMap(({ node, answer }) => {
    if (answer?.kind !== 'source_health') return [];
    const seen = answer.sources.filter(({ sourceId }) => visible.source(sourceId));
    // Errors name proxies and hosts of the installation.
    const sources = bound ? seen.map((row) => ({ ...row, detail: null, lastProbe: null })) : seen;
    return [{ node, sources, total: bound ? sources.length : answer.total }];
  });
  return { nodes, silent: silentOf(answers) };
}
