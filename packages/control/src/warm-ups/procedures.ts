// The procedures of warm-up; part of the router.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { actOnWarmUp } from './acts.ts';
import { createWarmUp, deleteWarmUp, setWarmUpPaused, updateWarmUp } from './plans.ts';
import { getWarmUp, listSchedules, listWarmUps, previewSchedule } from './progress.ts';

export const warmUpProcedures = router({
  list: guarded(can.readAll)
    .input(api.nothing)
    .output(api.warmUpsList.output)
    .query(({ ctx }) => listWarmUps(ctx.scope)),
  get: guarded(can.readAll)
    .input(api.warmUpsGet.input)
    .output(api.warmUpsGet.output)
    .query(({ ctx, input }) => getWarmUp(ctx.scope, input)),
  schedules: guarded(can.readAll)
    .input(api.nothing)
    .output(api.warmUpsSchedules.output)
    .query(() => listSchedules()),
  preview: guarded(can.readAll)
    .input(api.warmUpsPreview.input)
    .output(api.warmUpsPreview.output)
    .query(({ input }) => previewSchedule(input)),
  create: guarded(can.writeAll)
    .input(api.warmUpsCreate.input)
    .output(api.warmUpsCreate.output)
    .mutation(({ ctx, input }) => createWarmUp(ctx.scope, input)),
  update: guarded(can.writeAll)
    .input(api.warmUpsUpdate.input)
    .output(api.warmUpsUpdate.output)
    .mutation(({ ctx, input }) => updateWarmUp(ctx.scope, input)),
  delete: guarded(can.writeAll)
    .input(api.warmUpsDelete.input)
    .output(api.warmUpsDelete.output)
    .mutation(({ ctx, input }) => deleteWarmUp(ctx.scope, input)),
  setPaused: guarded(can.actAll)
    .input(api.warmUpsSetPaused.input)
    .output(api.warmUpsSetPaused.output)
    .mutation(({ ctx, input }) => setWarmUpPaused(ctx.scope, input)),
  act: guarded(can.actAll)
    .input(api.warmUpsAct.input)
    .output(api.warmUpsAct.output)
    .mutation(({ ctx, input }) => actOnWarmUp(ctx.scope, input)),
});
