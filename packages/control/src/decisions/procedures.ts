// The procedure by which operators read what engines decided; part of the router.
import * as api from '@sluice/contract/api';
import { decisions } from '@sluice/plane/console';
import type { z } from 'zod';
import * as can from '../access-kinds.ts';
import { page, readCursor } from '../cursor.ts';
import { shown } from '../mail/personal-data.ts';
import { guarded, router } from '../procedure.ts';
import type { Scope } from '../scope.ts';

const hourMs = 3_600_000;

async function listDecisions(
  { sql, now, actor }: Scope,
  { cursor, limit, kind, alerts, planId, hours }: z.output<typeof api.decisionsList.input>,
): Promise<z.input<typeof api.decisionsList.output>> {
  const since = hours === undefined ? null : new Date(now.getTime() - hours * hourMs);
  const filter = { kind: kind ?? null, alert: alerts ? true : null, planId: planId ?? null, since, before: readCursor(cursor) };
  const rows = await decisions(sql, { ...filter, limit: limit + 1 });
  const { items, nextCursor } = page(rows, limit, (row) => row.seq);
  const told = ({ at, sentence, subject, ...row }: (typeof items)[number]) => {
    const { seq: _seq, ...rest } = row;
    return { ...rest, subject, at: at.toISOString(), sentence: shown(actor).text(sentence) };
  };
  return { items: items.map(told), nextCursor };
}

export const decisionProcedures = router({
  list: guarded(can.read)
    .input(api.decisionsList.input)
    .output(api.decisionsList.output)
    .query(({ ctx, input }) => listDecisions(ctx.scope, input)),
});
