// The procedures of warm-up; part of the router.
import * as api from '@sluice/contract/api';
import { readAll, writeAll } from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { actOnWarmUp } from './acts.ts';
import { createWarmUp, deleteWarmUp, setWarmUpPaused, updateWarmUp } from './plans.ts';
import { getWarmUp, listSchedules, listWarmUps, previewSchedule } from './progress.ts';

export const warmUpProcedures = router({
  list: guarded(readAll)
    .output(api.warmUpsList.output)
    .query(({ ctx }) => listWarmUps(ctx.scope)),
  get: guarded(readAll)
    .input(api.warmUpsGet.input)
    .output(api.warmUpsGet.output)
    .query(({ ctx, input }) => getWarmUp(ctx.scope, input)),
  schedules: guarded(readAll)
    .output(api.warmUpsSchedules.output)
    .query(() => listSchedules()),
  preview: guarded(readAll)
    .input(api.warmUpsPreview.input)
    .output(api.warmUpsPreview.output)
    .query(({ input }) => previewSchedule(input)),
  create: guarded(writeAll)
    .input(api.warmUpsCreate.input)
    .output(api.warmUpsCreate.output)
    .mutation(({ ctx, input }) => createWarmUp(ctx.scope, input)),
  update: guarded(writeAll)
    .input(api.warmUpsUpdate.input)
    .output(api.warmUpsUpdate.output)
    .mutation(({ ctx, input }) => updateWarmUp(ctx.scope, input)),
  delete: guarded(writeAll)
    .input(api.warmUpsDelete.input)
    .output(api.warmUpsDelete.output)
    .mutation(({ ctx, input }) => deleteWarmUp(ctx.scope, input)),
  setPaused: guarded(writeAll)
    .input(api.warmUpsSetPaused.input)
    .output(api.warmUpsSetPaused.output)
    .mutation(({ ctx, input }) => setWarmUpPaused(ctx.scope, input)),
  act: guarded(writeAll)
    .input(api.warmUpsAct.input)
    .output(api.warmUpsAct.output)
    .mutation(({ ctx, input }) => actOnWarmUp(ctx.scope, input)),
});
