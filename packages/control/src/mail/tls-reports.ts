// TLS with recipient domains as each node counted it. Counts are sums over all tenants, so only operators of the installation see them.
import { silentOf, askNodes } from '../commands/ask-nodes.ts';
import type { Scope } from '../scope.ts';

export async function listTlsReports(scope: Scope) {
  const answers = await askNodes(scope, { kind: 'tls_reports' });
  const told = answers.flatMap(({ node, answer }) => (answer?.kind === 'tls_reports' ? [{ ...answer, node }] : []));
  return { nodes: told, silent: silentOf(answers) };
}
