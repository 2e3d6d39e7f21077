// Is mail flowing? Both answers are made of rows that carry their tenant.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { lastEvents, outcomeSeries } from '@sluice/plane/console';
import type { Scope } from '../scope.ts';
import { eventViews } from './event-view.ts';

export async function outcomes(
  scope: Scope,
  { minutes }: z.output<typeof api.overviewOutcomes.input>,
): Promise<z.input<typeof api.overviewOutcomes.output>> {
  const series = await outcomeSeries(scope.sql, minutes);
  return { now: scope.now.toISOString(), series: series.map((point) => ({ ...point, minute: point.minute.toISOString() })) };
}

export async function newestEvents(scope: Scope, { limit }: z.output<typeof api.overviewLastEvents.input>) {
  return eventViews(scope, await lastEvents(scope.sql, limit));
}
