// Sources, pools, streams and warm-up plans: that mail has a way out, and that each way is one.
import { everyFew, type Steps } from '../steps.ts';
import { streamName, type Picture, type SourceFacts, type Tell } from './picture.ts';

export function* checkPools(picture: Picture, tell: Tell): Steps<void> {
  const due = everyFew();
  const users = new Map<string, string[]>();
  for (const [id, { poolIds, tenantId }] of picture.stream) {
    if (due()) yield;
    if (!picture.tenant.has(tenantId)) tell('error', 'stream', id, 'tenant', 'its tenant does not exist');
    for (const poolId of poolIds) {
      if (!picture.pool.has(poolId)) tell('error', 'stream', id, 'pools', 'a pool that it names does not exist');
      const of = users.get(poolId);
      if (of) of.push(id);
      else users.set(poolId, [id]);
    }
  }
  for (const [id, { members }] of picture.pool) {
    let takes = false;
    for (const { sourceId, weight, enabled } of members) {
      if (due()) yield;
      const source = picture.source.get(sourceId);
      if (!source) tell('error', 'pool', id, 'members', 'a source that it names does not exist');
      takes ||= source !== undefined && source.enabled && enabled && weight > 0;
    }
    if (takes) continue;
    const waiting = (users.get(id) ?? []).map((streamId) => streamName(picture, streamId));
    const whose = waiting.length === 0 ? '' : `; mail of ${listed(waiting)} waits`;
    tell('warning', 'pool', id, 'members', `no enabled source is in it, so nothing leaves through it${whose}`);
  }
}

const listed = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

export function* checkAddresses(picture: Picture, tell: Tell): Steps<void> {
  const due = everyFew();
  const bound = new Map<string, SourceFacts[]>();
  const seen = new Map<string, string>();
  for (const [id, source] of picture.source) {
    if (due()) yield;
    const there = bound.get(source.bindAddress);
    for (const other of there ?? []) {
      if (other.node === source.node)
        tell('error', 'source', id, 'bindAddress', `the address ${source.bindAddress} is bound by source ${other.name} too`);
      else if (other.node === null || source.node === null)
        tell('warning', 'source', id, 'bindAddress', `source ${other.name} binds ${source.bindAddress} on the same node`);
    }
    if (there) there.push(source);
    else bound.set(source.bindAddress, [source]);
    const namesake = seen.get(source.publicAddress);
    if (source.enabled && namesake !== undefined && source.publicAddress !== source.bindAddress)
      tell('warning', 'source', id, 'publicAddress', `receivers see ${source.publicAddress}, as of source ${namesake}`);
    if (source.enabled) seen.set(source.publicAddress, source.name);
  }
}

export function* checkPlans(picture: Picture, tell: Tell): Steps<void> {
  const due = everyFew();
  const pooled = new Set<string>();
  for (const { members } of picture.pool.values()) for (const { sourceId } of members) pooled.add(sourceId);
  yield;
  const holders = new Map<string, { id: string; name: string }>();
  const providers = new Set([...picture.provider.values()].map(({ key }) => key));
  for (const [id, { name, sourceIds, groups }] of picture.warm_up) {
    const keys = groups.flatMap((group) => group.providers ?? ['']);
    const stranger = keys.find((key) => key !== '' && !providers.has(key));
    if (stranger !== undefined) tell('error', 'warm_up', id, 'groups', `there is no provider ${stranger}`);
    for (const sourceId of sourceIds) {
      if (due()) yield;
      const source = picture.source.get(sourceId);
      if (!source) tell('error', 'warm_up', id, 'sources', 'a source that it names does not exist');
      else if (!pooled.has(sourceId))
        tell('warning', 'warm_up', id, 'sources', `source ${source.name} is in no pool, so no mail reaches it`);
      for (const key of keys) {
        const holder = holders.get(`${sourceId}\0${key}`);
        const whom = key === '' ? 'all other providers' : `provider ${key}`;
        if (holder && holder.id !== id)
          tell(
            'error',
            'warm_up',
            id,
            'sources',
            `source ${source?.name ?? sourceId} warms up for ${whom} under plan ${holder.name} already`,
          );
        holders.set(`${sourceId}\0${key}`, { id, name });
      }
    }
  }
}
