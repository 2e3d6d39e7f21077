// The procedures of automation; part of the router.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { actOnAction, listActions } from './actions.ts';
import { createAutomation, deleteAutomation, listAutomations, resetAutomation, setAutomationMode, updateAutomation } from './rules.ts';

export const automationProcedures = router({
  list: guarded(can.read)
    .input(api.nothing)
    .output(api.automationsList.output)
    .query(({ ctx }) => listAutomations(ctx.scope)),
  create: guarded(can.writeAll)
    .input(api.automationsCreate.input)
    .output(api.automationsCreate.output)
    .mutation(({ ctx, input }) => createAutomation(ctx.scope, input)),
  update: guarded(can.writeAll)
    .input(api.automationsUpdate.input)
    .output(api.automationsUpdate.output)
    .mutation(({ ctx, input }) => updateAutomation(ctx.scope, input)),
  setMode: guarded(can.writeAll)
    .input(api.automationsSetMode.input)
    .output(api.automationsSetMode.output)
    .mutation(({ ctx, input }) => setAutomationMode(ctx.scope, input)),
  delete: guarded(can.writeAll)
    .input(api.automationsDelete.input)
    .output(api.automationsDelete.output)
    .mutation(({ ctx, input }) => deleteAutomation(ctx.scope, input)),
  toPreset: guarded(can.writeAll)
    .input(api.automationsToPreset.input)
    .output(api.automationsToPreset.output)
    .mutation(({ ctx, input }) => resetAutomation(ctx.scope, input)),
  active: guarded(can.read)
    .input(api.nothing)
    .output(api.automationsActive.output)
    .query(({ ctx }) => listActions(ctx.scope)),
  act: guarded(can.actAll)
    .input(api.automationsAct.input)
    .output(api.automationsAct.output)
    .mutation(({ ctx, input }) => actOnAction(ctx.scope, input)),
});
