// Which sources are suspended as a whole now: for each, the suspension in force that names the source and nothing else.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { listCommands } from '@sluice/plane/console';
import type { Scope } from '../scope.ts';

type Suspension = z.input<typeof api.suspensionView>;
const mostCommands = 200;

export async function suspensionsInForce({ sql, now }: Pick<Scope, 'sql' | 'now'>): Promise<Map<string, Suspension>> {
  const found = new Map<string, Suspension>();
  for (const command of await listCommands(sql, { limit: mostCommands, now, activeOnly: true })) {
    const { id: commandId, kind, scope, reason, issuedBy, issuedAt, expiresAt } = command;
    if (kind !== 'suspend' || scope.source === undefined || expiresAt === null || Object.keys(scope).length !== 1) continue;
    found.set(scope.source, { commandId, sourceId: scope.source, reason, issuedBy, issuedAt, expiresAt });
  }
  return found;
}
