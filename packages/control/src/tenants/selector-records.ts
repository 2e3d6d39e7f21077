// Whether the records of selectors are in DNS. The console asks a node, whose resolver is the one way to DNS that there is: in the sandbox that
// is the sandbox's own. Nothing is asked but when somebody wants to know.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { judgeDkimRecord } from '@sluice/policy';
import { askOneNode } from '../commands/ask-nodes.ts';
import { dkimRecord } from '../keys/dkim-key.ts';
import { found } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function checkSelectors(
  scope: Scope,
  { ids }: z.output<typeof api.selectorsCheck.input>,
): Promise<z.input<typeof api.selectorsCheck.output>> {
  const rows = await scope.db.dkimKey.findMany({ where: { id: { in: ids } }, include: { sendingDomain: true } });
  const selectors = [...new Set(ids)].map((id) => {
    const { selector, publicKey, sendingDomain } = found(
      rows.find((row) => row.id === id),
      `selector ${id}`,
    );
    return { id, publicKey, ...dkimRecord({ selector, publicKey, domain: sendingDomain.domain }) };
  });
  const told = await askOneNode(scope, { kind: 'dkim_records', names: selectors.map(({ dnsName }) => dnsName) });
  const records = new Map(told?.answer?.kind === 'dkim_records' ? told.answer.records.map(({ name, texts }) => [name, texts]) : []);
  return {
    node: told?.node ?? null,
    items: selectors.map(({ id, dnsName, publicKey }) => {
      const texts = records.get(dnsName) ?? null;
      const judged = judgeDkimRecord({ dnsName, publicKey }, texts);
      if (told === null) return { id, dnsName, ...judged, finding: 'no running node could ask DNS', remedy: 'Start a node.', found: null };
      return { id, dnsName, ...judged, found: texts };
    }),
  };
}
