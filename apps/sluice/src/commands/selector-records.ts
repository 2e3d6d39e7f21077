// What DNS says of selectors, asked in batches and within bounds: for `sluice selectors check` and for the doctor.
import type { SluiceClient } from '@sluice/client';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';
import { tenantNamed } from './scope-options.ts';

export type CheckedSelector = Awaited<ReturnType<SluiceClient['selectors']['check']['query']>>['items'][number];

/** What one question takes. */
const atOnce = 50;
/** More than these are not asked for in one go; a domain or a tenant narrows them. */
export const mostChecked = 500;

export async function checkRecords(client: SluiceClient, ids: readonly string[]): Promise<CheckedSelector[]> {
  const checked: CheckedSelector[] = [];
  for (let from = 0; from < ids.length; from += atOnce)
    checked.push(...(await client.selectors.check.query({ ids: ids.slice(from, from + atOnce) })).items);
  return checked;
}

type Options = { json?: true; tenant?: string; domain?: string };

/** Ends with 1 when a selector that signs is not to be found. */
export async function checkSelectors({ json, tenant, domain }: Options): Promise<void> {
  const { client } = connect();
  const within = tenant === undefined ? {} : { tenantId: await tenantNamed(client, tenant) };
  const search = domain === undefined ? {} : { search: domain };
  const rows = await client.selectors.list.query({ ...within, ...search });
  const wanted = rows.filter((row) => row.state !== 'retired' && (domain === undefined || row.domain === domain));
  if (domain !== undefined && wanted.length === 0)
    throw new CommandFailure(`${printable(domain)} has no selector that is in use`, exitCodes.notFound);
  const ids = wanted.slice(0, mostChecked).map(({ id }) => id);
  const checked = await checkRecords(client, ids);
  if (json) printJson(checked);
  else {
    for (const { dnsName, state, finding, remedy } of checked) printRow(dnsName, state, finding, remedy);
    if (wanted.length > ids.length) print(`${wanted.length - ids.length} more were not looked at: name a tenant or a domain`);
  }
  const signing = new Set(wanted.filter((row) => row.state === 'active' && !row.keyMissing).map(({ id }) => id));
  const wrong = checked.filter(({ id, state }) => state !== 'present' && signing.has(id)).length;
  if (wrong > 0) throw new CommandFailure(`${wrong} of ${signing.size} selectors that sign were not found in DNS`);
}
