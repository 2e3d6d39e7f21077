// The procedures of the configuration as a whole; part of the router.
import * as api from '@sluice/contract/api';
import { read, readAll, ownerReadAll, writeAll } from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { checkConfig } from './check.ts';
import { discardDraft, getDraft, listDrafts, planDraft, publishDraft, saveDraft } from './drafts.ts';
import { listRevisions } from './history.ts';
import { listLocks, lockSection, unlockSection } from './locks.ts';
import { diffRevisions, getRevision, noteLook, planRollBack, rollBack, sinceLook, waitForRevision } from './revisions.ts';
import { applyConfig, getByName, planConfig } from './text/apply.ts';
import { exportText } from './text/export-text.ts';

export const configProcedures = router({
  revisions: guarded(read)
    .input(api.configRevisions.input)
    .output(api.configRevisions.output)
    .query(({ ctx, input }) => listRevisions(ctx.scope, input)),
  revision: guarded(read)
    .input(api.configRevision.input)
    .output(api.configRevision.output)
    .query(({ ctx, input }) => getRevision(ctx.scope, input)),
  diff: guarded(read)
    .input(api.configDiff.input)
    .output(api.configDiff.output)
    .query(({ ctx, input }) => diffRevisions(ctx.scope, input)),
  sinceLook: guarded(readAll)
    .output(api.configSinceLook.output)
    .query(({ ctx }) => sinceLook(ctx.scope)),
  looked: guarded(writeAll)
    .input(api.configLooked.input)
    .output(api.configLooked.output)
    .mutation(({ ctx, input }) => noteLook(ctx.scope, input)),
  wait: guarded(read)
    .input(api.configWait.input)
    .output(api.configWait.output)
    .query(({ ctx, input }) => waitForRevision(ctx.scope, input)),
  rollBackPlan: guarded(ownerReadAll)
    .input(api.configRollBackPlan.input)
    .output(api.configRollBackPlan.output)
    .query(({ ctx, input }) => planRollBack(ctx.scope, input)),
  rollBack: guarded(writeAll)
    .input(api.configRollBack.input)
    .output(api.configRollBack.output)
    .mutation(({ ctx, input }) => rollBack(ctx.scope, input)),
  export: guarded(ownerReadAll)
    .input(api.configExport.input)
    .output(api.configExport.output)
    .query(({ ctx, input }) => exportText(ctx.scope, input.sections)),
  planText: guarded(writeAll)
    .input(api.configPlanText.input)
    .output(api.configPlanText.output)
    .mutation(({ ctx, input }) => planConfig(ctx.scope, input)),
  applyText: guarded(writeAll)
    .input(api.configApply.input)
    .output(api.configApply.output)
    .mutation(({ ctx, input }) => applyConfig(ctx.scope, input)),
  get: guarded(readAll)
    .input(api.configGet.input)
    .output(api.configGet.output)
    .query(({ ctx, input }) => getByName(ctx.scope, input)),
  locks: guarded(readAll)
    .output(api.configLocks.output)
    .query(({ ctx }) => listLocks(ctx.scope)),
  lock: guarded(writeAll)
    .input(api.configLock.input)
    .output(api.configLock.output)
    .mutation(({ ctx, input }) => lockSection(ctx.scope, input)),
  unlock: guarded(writeAll)
    .input(api.configUnlock.input)
    .output(api.configUnlock.output)
    .mutation(({ ctx, input }) => unlockSection(ctx.scope, input)),
  check: guarded(ownerReadAll)
    .output(api.configCheck.output)
    .query(({ ctx }) => checkConfig(ctx.scope)),
  drafts: guarded(ownerReadAll)
    .output(api.configDrafts.output)
    .query(({ ctx }) => listDrafts(ctx.scope)),
  draft: guarded(ownerReadAll)
    .input(api.configDraftGet.input)
    .output(api.configDraftGet.output)
    .query(({ ctx, input }) => getDraft(ctx.scope, input)),
  saveDraft: guarded(writeAll)
    .input(api.configDraftSave.input)
    .output(api.configDraftSave.output)
    .mutation(({ ctx, input }) => saveDraft(ctx.scope, input)),
  planDraft: guarded(ownerReadAll)
    .input(api.configDraftPlan.input)
    .output(api.configDraftPlan.output)
    .query(({ ctx, input }) => planDraft(ctx.scope, input)),
  publishDraft: guarded(writeAll)
    .input(api.configDraftPublish.input)
    .output(api.configDraftPublish.output)
    .mutation(({ ctx, input }) => publishDraft(ctx.scope, input)),
  discardDraft: guarded(writeAll)
    .input(api.configDraftDiscard.input)
    .output(api.configDraftDiscard.output)
    .mutation(({ ctx, input }) => discardDraft(ctx.scope, input)),
});
