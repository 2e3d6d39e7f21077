// What many procedures have in common. Keyset pages: `cursor` is opaque, absent on the first call; `nextCursor` is null on the last page.
import { z } from 'zod';

/** Of procedures that are asked without anything. What is sent all the same is refused, as an unknown field is everywhere. */
export const nothing = z.strictObject({}).optional();

/**
 * Part of a list in order of name: so many of those that stand after a name, and with `search` only such that have it in their name. `after`
 * is what the last item of the part before is ordered by; a part with fewer than `limit` is the last.
 */
export const listPart = {
  after: z.string().min(1).max(320).optional(),
  limit: z.number().int().min(1).max(5_000).default(5_000),
  search: z.string().trim().min(1).max(200).optional(),
};
export const partOfList = z.strictObject(listPart).prefault({});
/** Only those with one of these ids: for who has the ids of a few and wants to know what they are. */
export const namedById = { ids: z.array(z.uuid()).min(1).max(200).optional() };
export const partOrNamed = z.strictObject({ ...listPart, ...namedById }).prefault({});

export const pageInput = z.strictObject({ cursor: z.string().max(200).optional(), limit: z.number().int().min(1).max(200).default(50) });
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
/** Every change of configuration answers with the revision it made. */
export const revisionMade = z.object({ revision: z.number().int() });
export const createdEntity = z.object({ id: z.uuid(), revision: z.number().int() });
