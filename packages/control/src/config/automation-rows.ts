// The relational rows of rules of automation. See tenant-rows.ts.
import { automationBody, type AutomationBody } from '@sluice/contract';
import { Prisma } from '@sluice/db';
import type { RowsOf } from './rows.ts';

export const automationRows: RowsOf<AutomationBody> = {
  async write(db, id, body) {
    const { name, mode, trigger, where, per, action, forSeconds, alert, preset, edited } = body;
    const fields = { name, mode, trigger, where, per, action, forSeconds, alert, preset: preset ?? Prisma.DbNull, edited };
    await db.automationRule.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.automationRule.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.automationRule.findUnique({ where: { id } });
    return row && automationBody.parse(row);
  },
};
