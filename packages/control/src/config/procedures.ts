// The procedures of the configuration as a whole; part of the router.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { checkConfig } from './check.ts';
import { discardDraft, getDraft, listDrafts, planDraft, publishDraft, saveDraft } from './drafts.ts';
import { listRevisions } from './history.ts';
import { listLocks, lockSection, unlockSection } from './locks.ts';
import { diffRevisions, getRevision, noteLook, planRollBack, rollBack, sinceLook, waitForRevision } from './revisions.ts';
import { applyConfig, getByName, planConfig } from './text/apply.ts';
import { exportText } from './text/export-text.ts';

export const configProcedures = router({
  revisions: guarded(can.read)
    .input(api.configRevisions.input)
    .output(api.configRevisions.output)
    .query(({ ctx, input }) => listRevisions(ctx.scope, input)),
  revision: guarded(can.read)
    .input(api.configRevision.input)
    .output(api.configRevision.output)
    .query(({ ctx, input }) => getRevision(ctx.scope, input)),
  diff: guarded(can.read)
    .input(api.configDiff.input)
    .output(api.configDiff.output)
    .query(({ ctx, input }) => diffRevisions(ctx.scope, input)),
  sinceLook: guarded(can.readAll)
    .input(api.nothing)
    .output(api.configSinceLook.output)
    .query(({ ctx }) => sinceLook(ctx.scope)),
  looked: guarded(can.ownWrite)
    .input(api.configLooked.input)
    .output(api.configLooked.output)
    .mutation(({ ctx, input }) => noteLook(ctx.scope, input)),
  wait: guarded(can.read)
    .input(api.configWait.input)
    .output(api.configWait.output)
    .query(({ ctx, input }) => waitForRevision(ctx.scope, input)),
  rollBackPlan: guarded(can.engineerReadAll)
    .input(api.configRollBackPlan.input)
    .output(api.configRollBackPlan.output)
    .query(({ ctx, input }) => planRollBack(ctx.scope, input)),
  rollBack: guarded(can.writeAll)
    .input(api.configRollBack.input)
    .output(api.configRollBack.output)
    .mutation(({ ctx, input }) => rollBack(ctx.scope, input)),
  export: guarded(can.readAll)
    .input(api.configExport.input)
    .output(api.configExport.output)
    .query(({ ctx, input }) => exportText(ctx.scope, input.sections)),
  planText: guarded(can.writeAll)
    .input(api.configPlanText.input)
    .output(api.configPlanText.output)
    .mutation(({ ctx, input }) => planConfig(ctx.scope, input)),
  applyText: guarded(can.writeAll)
    .input(api.configApply.input)
    .output(api.configApply.output)
    .mutation(({ ctx, input }) => applyConfig(ctx.scope, input)),
  get: guarded(can.readAll)
    .input(api.configGet.input)
    .output(api.configGet.output)
    .query(({ ctx, input }) => getByName(ctx.scope, input)),
  locks: guarded(can.readAll)
    .input(api.nothing)
    .output(api.configLocks.output)
    .query(({ ctx }) => listLocks(ctx.scope)),
  lock: guarded(can.writeAll)
    .input(api.configLock.input)
    .output(api.configLock.output)
    .mutation(({ ctx, input }) => lockSection(ctx.scope, input)),
  unlock: guarded(can.writeAllConfirmed)
    .input(api.configUnlock.input)
    .output(api.configUnlock.output)
    .mutation(({ ctx, input }) => unlockSection(ctx.scope, input)),
  check: guarded(can.readAll)
    .input(api.nothing)
    .output(api.configCheck.output)
    .query(({ ctx }) => checkConfig(ctx.scope)),
  drafts: guarded(can.engineerReadAll)
    .input(api.nothing)
    .output(api.configDrafts.output)
    .query(({ ctx }) => listDrafts(ctx.scope)),
  draft: guarded(can.engineerReadAll)
    .input(api.configDraftGet.input)
    .output(api.configDraftGet.output)
    .query(({ ctx, input }) => getDraft(ctx.scope, input)),
  saveDraft: guarded(can.writeAll)
    .input(api.configDraftSave.input)
    .output(api.configDraftSave.output)
    .mutation(({ ctx, input }) => saveDraft(ctx.scope, input)),
  planDraft: guarded(can.engineerReadAll)
    .input(api.configDraftPlan.input)
    .output(api.configDraftPlan.output)
    .query(({ ctx, input }) => planDraft(ctx.scope, input)),
  publishDraft: guarded(can.writeAll)
    .input(api.configDraftPublish.input)
    .output(api.configDraftPublish.output)
    .mutation(({ ctx, input }) => publishDraft(ctx.scope, input)),
  discardDraft: guarded(can.writeAll)
    .input(api.configDraftDiscard.input)
    .output(api.configDraftDiscard.output)
    .mutation(({ ctx, input }) => discardDraft(ctx.scope, input)),
});
