import { expect, test } from 'vitest';
import type { AuditAnchor, AuditLink } from './audit.ts';
import { auditHash, ChainCheck, firstLink } from './audit-chain.ts';

const entry = (seq: number, prevHash: string, reason = `reason ${seq}`): AuditLink => {
  const link = {
    ...{
      seq,
      prevHash,
      id: `id-${seq}`,
      at: '2026-11-29T12:00:00.000Z',
      actorKind: 'user',
      actor: 'o@example.com',
      action: 'pools.create',
    },
    ...{ target: 'pool:1', tenantId: null, reason, before: null, after: '{"a": 1}', requestId: 'r', address: null, revision: seq },
  };
  return { ...link, hash: auditHash(link) };
};

function chain(length: number, reasonOf: (seq: number) => string = (seq) => `reason ${seq}`): AuditLink[] {
  const links: AuditLink[] = [];
  for (let seq = 1; seq <= length; seq += 1) links.push(entry(seq, links.at(-1)?.hash ?? firstLink, reasonOf(seq)));
  return links;
}
const headOf = (links: readonly AuditLink[]) => ({ seq: links.at(-1)?.seq ?? 0, hash: links.at(-1)?.hash ?? firstLink });
const anchorOf = (link: AuditLink): AuditAnchor => ({ at: 0, seq: link.seq, hash: link.hash, agrees: true });

function kindsOf(links: readonly AuditLink[], head = headOf(links), anchors: readonly AuditAnchor[] = []): string[] {
  const check = new ChainCheck(anchors);
  check.add(links.slice(0, 4));
  check.add(links.slice(4));
  check.end(head);
  return check.problems.map(({ kind, seq }) => `${kind} ${seq}`);
}

test('a whole chain has no problem, with its anchors and with none, and neither has an empty one', () => {
  const links = chain(10);
  expect(kindsOf(links)).toEqual([]);
  expect(kindsOf(links, headOf(links), links.map(anchorOf))).toEqual([]);
  expect(kindsOf([], { seq: 0, hash: firstLink }, [{ at: 0, seq: 0, hash: firstLink, agrees: true }])).toEqual([]);
});

test('an edited field is found, whichever it is', () => {
  const others: Partial<AuditLink>[] = [
    ...[{ id: 'x' }, { at: '2026-11-29T12:00:00.001Z' }, { actorKind: 'key' }, { actor: 'x' }, { action: 'x' }, { target: 'x' }],
    ...[{ tenantId: 'x' }, { reason: 'x' }, { before: '{}' }, { after: null }, { requestId: 'x' }, { address: '' }, { revision: null }],
  ];
  for (const other of others) {
    const links = chain(10);
    links[4] = { ...(links[4] as AuditLink), ...other };
    expect([other, kindsOf(links)]).toEqual([other, ['edited 5']]);
  }
});

test('text that moves from one field to the next is another entry', () => {
  const [first] = chain(1) as [AuditLink];
  expect(auditHash({ ...first, actor: 'ab', action: 'c' })).not.toBe(auditHash({ ...first, actor: 'a', action: 'bc' }));
  expect(auditHash({ ...first, address: null })).not.toBe(auditHash({ ...first, address: '-' }));
});

test('a tail that is gone, an entry that is gone and entries in another order are found', () => {
  const links = chain(10);
  expect(kindsOf(links.slice(0, 7), headOf(links))).toEqual(['tail 10']);
  expect(kindsOf(links.slice(0, 7), headOf(links.slice(0, 7)), [anchorOf(links[8] as AuditLink)])).toEqual(['anchor 9']);
  expect(kindsOf(links.filter(({ seq }) => seq !== 5))).toEqual(['missing 5']);
  const swapped = links.map((link) =>
    link.seq === 5 ? { ...(links[5] as AuditLink), seq: 5 } : link.seq === 6 ? { ...(links[4] as AuditLink), seq: 6 } : link,
  );
  expect(kindsOf(swapped)).toEqual(['link 5', 'edited 5', 'link 6', 'edited 6', 'link 7']);
});

test('a chain that was computed anew from a change onward is whole, and an anchor gives it away', () => {
  const before = chain(10);
  const forged = chain(10, (seq) => (seq === 5 ? 'another reason' : `reason ${seq}`));
  expect(kindsOf(forged)).toEqual([]);
  expect(kindsOf(forged, headOf(forged), before.slice(0, 4).map(anchorOf))).toEqual([]);
  expect(kindsOf(forged, headOf(forged), before.slice(2, 8).map(anchorOf))).toEqual(['anchor 5', 'anchor 6', 'anchor 7', 'anchor 8']);
});
