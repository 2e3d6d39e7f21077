// Which nodes may open secrets. A node makes its own key pair and reports the public half; an operator who has compared the fingerprint
// enrols it. Removing one makes a new fleet key, so that the node can open nothing that is sealed from then on.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { fingerprintOf, nodeKeyIdOf } from '@sluice/plane';
import { maxListRows } from '../bounds.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { lockHead } from '../config/head.ts';
import { activeFleetKey, nextFleetKey, shareWith } from './fleet-key.ts';

type NodeKeyView = z.input<typeof api.nodeKeyView>;

export async function listNodeKeys(scope: Scope): Promise<NodeKeyView[]> {
  const active = await scope.db.fleetKey.findFirst({ where: { state: 'active' }, select: { id: true } });
  const rows = await scope.db.nodeKey.findMany({ orderBy: [{ node: 'asc' }, { reportedAt: 'desc' }], take: maxListRows });
  return rows.map(({ id, node, state, reportedAt, seenAt, holds, decidedAt, decidedBy }) => ({
    ...{ id, node, state: state as NodeKeyView['state'], fingerprint: fingerprintOf(id), decidedBy },
    ...{ reportedAt: reportedAt.toISOString(), seenAt: seenAt.toISOString(), decidedAt: decidedAt?.toISOString() ?? null },
    ready: state === 'enrolled' && active !== null && holds.includes(active.id),
  }));
}

async function decided(scope: Scope, id: string, state: 'enrolled' | 'removed'): Promise<void> {
  await scope.db.nodeKey.update({ where: { id }, data: { state, decidedAt: scope.now, decidedBy: scope.actor.name } });
}

export async function enrolNode(scope: Scope, { keyId, reason }: z.output<typeof api.nodesEnroll.input>) {
  await lockHead(scope);
  const key = found(await scope.db.nodeKey.findUnique({ where: { id: keyId } }), `node key ${keyId}`);
  if (key.state === 'enrolled') throw new Refusal('CONFLICT', `${key.node} is enrolled already`);
  if (key.state === 'removed') throw new Refusal('CONFLICT', 'this key was removed: let the node make another (delete its file node-key)');
  await decided(scope, keyId, 'enrolled');
  await shareWith(scope, key);
  const after = { node: key.node, fingerprint: fingerprintOf(keyId) };
  await scope.audit({ action: 'nodes.enroll', target: `node_key:${keyId}`, reason, after });
  return { id: keyId, node: key.node };
}

export async function removeNode(scope: Scope, { keyId, reason }: z.output<typeof api.nodesRemove.input>) {
  await lockHead(scope);
  const key = found(await scope.db.nodeKey.findUnique({ where: { id: keyId } }), `node key ${keyId}`);
  if (key.state === 'removed') throw new Refusal('CONFLICT', `${key.node} is removed already`);
  const had = key.state === 'enrolled';
  await decided(scope, keyId, 'removed');
  await scope.db.fleetShare.deleteMany({ where: { nodeKeyId: keyId } });
  const fleetKeyId = had ? (await nextFleetKey(scope)).id : (await activeFleetKey(scope)).id;
  const before = { node: key.node, state: key.state };
  await scope.audit({ action: 'nodes.remove', target: `node_key:${keyId}`, reason, before, after: { state: 'removed', fleetKeyId } });
  return { id: keyId, node: key.node };
}

/** The node of a one-command installation, whose key lies beside ours: enrolled at the start, once. */
export async function enrolOwnNode(scope: Scope, { node, publicKey }: { node: string; publicKey: string }): Promise<void> {
  await lockHead(scope);
  const id = nodeKeyIdOf(publicKey);
  await scope.db.nodeKey.createMany({ data: [{ id, node, publicKey }], skipDuplicates: true });
  const key = await scope.db.nodeKey.findUniqueOrThrow({ where: { id } });
  if (key.state === 'pending') await enrolNode(scope, { keyId: id, reason: 'the node of this installation' });
}
