// What still refers to a tenant, stream or domain that an edit takes away. The picture of checks leaves out what there are most of (domains,
// keys, credentials, relays), so the database is asked for these alone.
import type { ConfigFinding } from '@sluice/contract/api';
import type { Scope } from '../scope.ts';
import { nameOfEdit, type Edit } from './edits.ts';
import type { Names } from './text/names.ts';

type Left = { ownerId: string; what: string };

export async function referrersLeft(scope: Scope, edits: readonly Edit[], names: Names): Promise<ConfigFinding[]> {
  const gone = (kind: Edit['kind']) => edits.filter((edit) => edit.kind === kind && edit.after === null);
  const edited = (kind: Edit['kind']) => edits.filter((edit) => edit.kind === kind).map(({ id }) => id);
  const left: { owner: Edit | undefined; what: string }[] = [];
  const note = (owners: readonly Edit[], found: readonly Left[]): void => {
    for (const { ownerId, what } of found) left.push({ owner: owners.find(({ id }) => id === ownerId), what });
  };
  const of = (owners: readonly Edit[]) => ({ in: owners.map(({ id }) => id) });
  const { db } = scope;
  const domains = gone('domain');
  if (domains.length > 0) {
    const keys = await db.dkimKey.findMany({ where: { sendingDomainId: of(domains), id: { notIn: edited('dkim_key') } }, take });
    note(
      domains,
      keys.map(({ sendingDomainId, selector }) => ({ ownerId: sendingDomainId, what: `selector ${selector}` })),
    );
  }
  const streams = gone('stream');
  if (streams.length > 0) {
    const where = { streamId: of(streams) };
    const credentials = await db.credential.findMany({ where: { ...where, id: { notIn: edited('credential') } }, take });
    const relays = await db.relay.findMany({ where: { ...where, id: { notIn: edited('relay') } }, take });
    note(
      streams,
      credentials.map(({ streamId, username }) => ({ ownerId: streamId, what: `credential ${username}` })),
    );
    note(
      streams,
      relays.map(({ streamId, cidr }) => ({ ownerId: streamId, what: `relay ${cidr}` })),
    );
  }
  const tenants = gone('tenant');
  if (tenants.length > 0) {
    const where = { tenantId: of(tenants) };
    const owned = await db.sendingDomain.findMany({ where: { ...where, id: { notIn: edited('domain') } }, take });
    const users = await db.user.findMany({ where, take });
    note(
      tenants,
      owned.map(({ tenantId, domain }) => ({ ownerId: tenantId, what: `sending domain ${domain}` })),
    );
    note(
      tenants,
      users.map(({ tenantId, email }) => ({ ownerId: tenantId ?? '', what: `the account ${email}` })),
    );
  }
  return names.with((nameOf) =>
    left.flatMap(({ owner, what }) => {
      if (!owner) return [];
      const about = `${owner.kind} ${nameOfEdit(owner, nameOf)}`;
      return [{ level: 'error' as const, about, field: '', message: `${what} still belongs to it`, line: null, column: null }];
    }),
  );
}

/** Enough to say what it is. */
const take = 20;
