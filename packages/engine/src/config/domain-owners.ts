// Sending domain -> the tenant that owns it. Asked with every message that is taken in, and of every key that signs.
import { everyFew } from '@sluice/policy';
import { entitiesOf } from './entity-set.ts';
import { madeOf } from './made-of-kinds.ts';

export const domainOwners = madeOf(['domain'], function* (set) {
  const owners = new Map<string, string>();
  const due = everyFew();
  for (const { body } of entitiesOf(set, 'domain').values()) {
    owners.set(body.domain, body.tenantId);
    if (due()) yield;
  }
  return owners as ReadonlyMap<string, string>;
});
