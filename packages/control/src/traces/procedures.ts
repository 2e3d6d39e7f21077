// The procedures of protocol traces; part of the router.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { listTraces, startTrace, stopTrace, traceLines } from './traces.ts';

export const traceProcedures = router({
  start: guarded(can.act)
    .input(api.tracesStart.input)
    .output(api.tracesStart.output)
    .mutation(({ ctx, input }) => startTrace(ctx.scope, input)),
  stop: guarded(can.act)
    .input(api.tracesStop.input)
    .output(api.tracesStop.output)
    .mutation(({ ctx, input }) => stopTrace(ctx.scope, input)),
  list: guarded(can.read)
    .input(api.tracesList.input)
    .output(api.tracesList.output)
    .query(({ ctx, input }) => listTraces(ctx.scope, input)),
  lines: guarded(can.read)
    .input(api.tracesLines.input)
    .output(api.tracesLines.output)
    .query(({ ctx, input }) => traceLines(ctx.scope, input)),
});
