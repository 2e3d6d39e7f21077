// Under which site and provider the engines last met a domain, from what they reported of mail to it. Any report of the last two days
// will do: looking for the newest would read every event of a large domain.
import type { Sql } from './sql.ts';

export interface DomainPlace {
  site: string;
  provider: string | null;
}

/** Null when no visible mail to the domain was attempted in that time. */
export async function domainPlace(sql: Sql, domain: string): Promise<DomainPlace | null> {
  const rows = await sql.query<DomainPlace>(
    `select e.site, e.provider from delivery_event e
     where e.domain = $1::text and e.site is not null and e.received_at > now() - interval '2 days' limit 1`,
    [domain],
  );
  return rows[0] ?? null;
}
