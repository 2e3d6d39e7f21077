// The procedures of automation; part of the router.
import * as api from '@sluice/contract/api';
import { read, writeAll } from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { actOnAction, listActions } from './actions.ts';
import { createAutomation, deleteAutomation, listAutomations, resetAutomation, setAutomationMode, updateAutomation } from './rules.ts';

export const automationProcedures = router({
  list: guarded(read)
    .output(api.automationsList.output)
    .query(({ ctx }) => listAutomations(ctx.scope)),
  create: guarded(writeAll)
    .input(api.automationsCreate.input)
    .output(api.automationsCreate.output)
    .mutation(({ ctx, input }) => createAutomation(ctx.scope, input)),
  update: guarded(writeAll)
    .input(api.automationsUpdate.input)
    .output(api.automationsUpdate.output)
    .mutation(({ ctx, input }) => updateAutomation(ctx.scope, input)),
  setMode: guarded(writeAll)
    .input(api.automationsSetMode.input)
    .output(api.automationsSetMode.output)
    .mutation(({ ctx, input }) => setAutomationMode(ctx.scope, input)),
  delete: guarded(writeAll)
    .input(api.automationsDelete.input)
    .output(api.automationsDelete.output)
    .mutation(({ ctx, input }) => deleteAutomation(ctx.scope, input)),
  toPreset: guarded(writeAll)
    .input(api.automationsToPreset.input)
    .output(api.automationsToPreset.output)
    .mutation(({ ctx, input }) => resetAutomation(ctx.scope, input)),
  active: guarded(read)
    .output(api.automationsActive.output)
    .query(({ ctx }) => listActions(ctx.scope)),
  act: guarded(writeAll)
    .input(api.automationsAct.input)
    .output(api.automationsAct.output)
    .mutation(({ ctx, input }) => actOnAction(ctx.scope, input)),
});
