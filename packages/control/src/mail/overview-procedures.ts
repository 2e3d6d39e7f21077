// The procedures about what happened lately; part of the router.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { newestEvents, outcomes } from './overview.ts';

export const overviewProcedures = router({
  outcomes: guarded(can.own)
    .input(api.overviewOutcomes.input)
    .output(api.overviewOutcomes.output)
    .query(({ ctx, input }) => outcomes(ctx.scope, input)),
  lastEvents: guarded(can.own)
    .input(api.overviewLastEvents.input)
    .output(api.overviewLastEvents.output)
    .query(({ ctx, input }) => newestEvents(ctx.scope, input)),
});
