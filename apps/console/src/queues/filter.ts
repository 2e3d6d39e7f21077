// The filter of the queue list: one dimension and its value, as the address of the page has it, into a scope.
import { commandScope, type CommandScope } from '@sluice/contract';

export const filterDimensions = ['domain', 'provider', 'site', 'campaign', 'tenant', 'stream', 'source', 'pool'] as const;
export type FilterDimension = (typeof filterDimensions)[number];

export function filterOf(dimension: FilterDimension, value: string): { scope: CommandScope | null; problem: string | null } {
  const text = value.trim();
  if (text === '') return { scope: null, problem: null };
  const parsed = commandScope.safeParse({ [dimension]: dimension === 'domain' ? text.toLowerCase() : text });
  if (parsed.success) return { scope: parsed.data, problem: null };
  return { scope: null, problem: `This is not a ${dimension}: ${parsed.error.issues[0]?.message ?? 'not valid'}` };
}
