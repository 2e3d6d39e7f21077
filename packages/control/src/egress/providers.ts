// Mailbox providers: which sites belong together. Seeded from the presets at first start.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { maxListRows } from '../bounds.ts';
import type { Scope } from '../scope.ts';

export async function listProviders({ db }: Scope): Promise<z.input<typeof api.providersList.output>> {
  const rows = await db.provider.findMany({ orderBy: { name: 'asc' }, take: maxListRows });
  return rows.map(({ id, key, name, mxSuffixes }) => ({ id, key, name, mxSuffixes }));
}
