// Stands in for use cases that are still to be written: typed by the contract, refuses every call.
import { TRPCError } from '@trpc/server';
import type { LiveTick } from '@sluice/contract/api';

export const pending = (): never => {
  throw new TRPCError({ code: 'NOT_IMPLEMENTED' });
};
export async function* pendingTicks(): AsyncGenerator<LiveTick, void> {
  throw new TRPCError({ code: 'NOT_IMPLEMENTED' });
}
