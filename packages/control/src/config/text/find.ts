// The id of an entity by its name, from the rows of now.
import type { EntityKind } from '@sluice/contract';
import type { Scope } from '../../scope.ts';

type Found = { id: string } | null;

/** Null: there is none, or none that the actor may see. */
export async function idOfName({ db }: Scope, kind: EntityKind, name: string): Promise<string | null> {
  const slash = name.indexOf('/');
  const [before, after] = [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
  const found: { readonly [kind in EntityKind]: () => Promise<Found> } = {
    provider: () => db.provider.findUnique({ where: { key: name } }),
    source: () => db.egressSource.findUnique({ where: { name } }),
    pool: () => db.ipPool.findUnique({ where: { name } }),
    tenant: () => db.tenant.findUnique({ where: { slug: name } }),
    stream: () => db.stream.findFirst({ where: { name: after, tenant: { slug: before } } }),
    domain: () => db.sendingDomain.findUnique({ where: { domain: name } }),
    dkim_key: () => db.dkimKey.findFirst({ where: { selector: after, sendingDomain: { domain: before } } }),
    credential: () => db.credential.findUnique({ where: { username: name } }),
    relay: () => db.relay.findUnique({ where: { cidr: name } }),
    route: () => db.route.findUnique({ where: { domain: name } }),
    limit: () => db.limitRule.findUnique({ where: { name } }),
    setting: () => db.settingRule.findUnique({ where: { name } }),
    warm_up: () => db.warmUpPlan.findUnique({ where: { name } }),
    automation: () => db.automationRule.findUnique({ where: { name } }),
  };
  return (await found[kind]())?.id ?? null;
}
