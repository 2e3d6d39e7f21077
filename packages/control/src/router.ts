// Every procedure of the control plane: who may call it, what goes in and out (both from the contract), and the one use case it calls.
// The access table of the documentation and the access tests are read from this tree.
import * as api from '@sluice/contract/api';
import * as can from './access-kinds.ts';
import type { Actor } from './actor.ts';
import { keyProcedures } from './api-keys/procedures.ts';
import { asked, callable, proceduresOf, type ProcedureAccess } from './callable.ts';
import { guarded, router } from './procedure.ts';
import { accountProcedures, otherUserProcedures, ownSessionProcedures } from './accounts/procedures.ts';
import { whoAmI } from './accounts/session.ts';
import { completeSetup, issueSetupLink, setupStatus } from './accounts/setup.ts';
import { auditProcedures } from './audit/procedures.ts';
import { createUser, listUsers, resetPassword, setGrants } from './accounts/users.ts';
import { giveCommand, listCommands, previewCommand, purge, withdrawCommand } from './commands/commands.ts';
import { automationProcedures } from './automation/procedures.ts';
import { decisionProcedures } from './decisions/procedures.ts';
import { traceProcedures } from './traces/procedures.ts';
import { configProcedures } from './config/procedures.ts';
import { createSetting, deleteSetting, listSettings, updateSetting } from './egress/delivery-settings.ts';
import { effectiveSettings } from './egress/effective-settings.ts';
import { createLimit, deleteLimit, limitsInUse, listLimits, updateLimit } from './egress/limits.ts';
import { createPool, listPools, setPoolMembers } from './egress/pools.ts';
import { createProvider, deleteProvider, getProvider, listProviders, resetProvider, updateProvider } from './egress/providers.ts';
import { createRoute, deleteRoute, listRoutes, updateRoute } from './egress/routes.ts';
import { sourceHealth } from './egress/source-health.ts';
import { bulkSources } from './egress/sources-bulk.ts';
import { createSource, listSources, setSourceEnabled, setSourceProxy } from './egress/sources.ts';
import { secretProcedures } from './keys/procedures.ts';
import { messageTimeline, searchMessages, traceRecipient } from './mail/messages.ts';
import { mailProcedures } from './mail/procedures.ts';
import { tenantProcedures } from './tenants/procedures.ts';
import { warmUpProcedures } from './warm-ups/procedures.ts';
import { explainMessage, explainQueue, listQueues } from './queues/queues.ts';

export const appRouter = router({
  session: router({
    me: guarded(can.whoever)
      .input(api.nothing)
      .output(api.sessionMe.output)
      .query(({ ctx }) => whoAmI(ctx.scope, whatMay(ctx.scope.actor))),
    ...ownSessionProcedures,
  }),
  setup: router({
    status: guarded(can.anyone)
      .input(api.nothing)
      .output(api.setupStatus.output)
      .query(({ ctx }) => setupStatus(ctx.scope)),
    complete: guarded(can.anyoneOnce)
      .input(api.setupComplete.input)
      .output(api.setupComplete.output)
      .mutation(({ ctx, input }) => completeSetup(ctx.scope, input)),
    issueLink: guarded(can.ownerWriteAll)
      .input(api.nothing)
      .output(api.setupIssueLink.output)
      .mutation(({ ctx }) => issueSetupLink(ctx.scope)),
  }),
  users: router({
    list: guarded(can.adminReadAll)
      .input(api.nothing)
      .output(api.usersList.output)
      .query(({ ctx }) => listUsers(ctx.scope)),
    create: guarded(can.adminWriteAll)
      .input(api.usersCreate.input)
      .output(api.usersCreate.output)
      .mutation(({ ctx, input }) => createUser(ctx.scope, input)),
    resetPassword: guarded(can.adminWriteAll)
      .input(api.usersResetPassword.input)
      .output(api.usersResetPassword.output)
      .mutation(({ ctx, input }) => resetPassword(ctx.scope, input)),
    setGrants: guarded(can.adminWriteAll)
      .input(api.usersSetGrants.input)
      .output(api.usersSetGrants.output)
      .mutation(({ ctx, input }) => setGrants(ctx.scope, input)),
    ...otherUserProcedures,
  }),
  roles: router({
    list: guarded(can.own)
      .input(api.nothing)
      .output(api.rolesList.output)
      .query(() => ({ procedures: whatIsAsked() })),
  }),
  ...accountProcedures,
  keys: keyProcedures(declared),
  ...tenantProcedures,
  sources: router({
    list: guarded(can.read)
      .input(api.sourcesList.input)
      .output(api.sourcesList.output)
      .query(({ ctx, input }) => listSources(ctx.scope, input)),
    health: guarded(can.read)
      .input(api.nothing)
      .output(api.sourcesHealth.output)
      .query(({ ctx }) => sourceHealth(ctx.scope)),
    create: guarded(can.writeAll)
      .input(api.sourcesCreate.input)
      .output(api.sourcesCreate.output)
      .mutation(({ ctx, input }) => createSource(ctx.scope, input)),
    setEnabled: guarded(can.actAll)
      .input(api.sourcesSetEnabled.input)
      .output(api.sourcesSetEnabled.output)
      .mutation(({ ctx, input }) => setSourceEnabled(ctx.scope, input)),
    bulk: guarded(can.writeAll)
      .input(api.sourcesBulk.input)
      .output(api.sourcesBulk.output)
      .mutation(({ ctx, input }) => bulkSources(ctx.scope, input)),
    setProxy: guarded(can.writeAll)
      .input(api.sourcesSetProxy.input)
      .output(api.sourcesSetProxy.output)
      .mutation(({ ctx, input }) => setSourceProxy(ctx.scope, input)),
  }),
  pools: router({
    list: guarded(can.read)
      .input(api.poolsList.input)
      .output(api.poolsList.output)
      .query(({ ctx, input }) => listPools(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.poolsCreate.input)
      .output(api.poolsCreate.output)
      .mutation(({ ctx, input }) => createPool(ctx.scope, input)),
    setMembers: guarded(can.writeAll)
      .input(api.poolsSetMembers.input)
      .output(api.poolsSetMembers.output)
      .mutation(({ ctx, input }) => setPoolMembers(ctx.scope, input)),
  }),
  providers: router({
    list: guarded(can.read)
      .input(api.nothing)
      .output(api.providersList.output)
      .query(({ ctx }) => listProviders(ctx.scope)),
    get: guarded(can.read)
      .input(api.providersGet.input)
      .output(api.providersGet.output)
      .query(({ ctx, input }) => getProvider(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.providersCreate.input)
      .output(api.providersCreate.output)
      .mutation(({ ctx, input }) => createProvider(ctx.scope, input)),
    update: guarded(can.writeAll)
      .input(api.providersUpdate.input)
      .output(api.providersUpdate.output)
      .mutation(({ ctx, input }) => updateProvider(ctx.scope, input)),
    delete: guarded(can.writeAll)
      .input(api.providersDelete.input)
      .output(api.providersDelete.output)
      .mutation(({ ctx, input }) => deleteProvider(ctx.scope, input)),
    resetToPreset: guarded(can.writeAll)
      .input(api.providersResetToPreset.input)
      .output(api.providersResetToPreset.output)
      .mutation(({ ctx, input }) => resetProvider(ctx.scope, input)),
  }),
  limits: router({
    list: guarded(can.read)
      .input(api.limitsList.input)
      .output(api.limitsList.output)
      .query(({ ctx, input }) => listLimits(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.limitsCreate.input)
      .output(api.limitsCreate.output)
      .mutation(({ ctx, input }) => createLimit(ctx.scope, input)),
    update: guarded(can.writeAll)
      .input(api.limitsUpdate.input)
      .output(api.limitsUpdate.output)
      .mutation(({ ctx, input }) => updateLimit(ctx.scope, input)),
    delete: guarded(can.writeAll)
      .input(api.limitsDelete.input)
      .output(api.limitsDelete.output)
      .mutation(({ ctx, input }) => deleteLimit(ctx.scope, input)),
    use: guarded(can.readAll)
      .input(api.nothing)
      .output(api.limitsUse.output)
      .query(({ ctx }) => limitsInUse(ctx.scope)),
  }),
  settings: router({
    list: guarded(can.read)
      .input(api.settingsList.input)
      .output(api.settingsList.output)
      .query(({ ctx, input }) => listSettings(ctx.scope, input)),
    effective: guarded(can.read)
      .input(api.settingsEffective.input)
      .output(api.settingsEffective.output)
      .query(({ ctx, input }) => effectiveSettings(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.settingsCreate.input)
      .output(api.settingsCreate.output)
      .mutation(({ ctx, input }) => createSetting(ctx.scope, input)),
    update: guarded(can.writeAll)
      .input(api.settingsUpdate.input)
      .output(api.settingsUpdate.output)
      .mutation(({ ctx, input }) => updateSetting(ctx.scope, input)),
    delete: guarded(can.writeAll)
      .input(api.settingsDelete.input)
      .output(api.settingsDelete.output)
      .mutation(({ ctx, input }) => deleteSetting(ctx.scope, input)),
  }),
  routes: router({
    list: guarded(can.readAll)
      .input(api.routesList.input)
      .output(api.routesList.output)
      .query(({ ctx, input }) => listRoutes(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.routesCreate.input)
      .output(api.routesCreate.output)
      .mutation(({ ctx, input }) => createRoute(ctx.scope, input)),
    update: guarded(can.writeAll)
      .input(api.routesUpdate.input)
      .output(api.routesUpdate.output)
      .mutation(({ ctx, input }) => updateRoute(ctx.scope, input)),
    delete: guarded(can.writeAll)
      .input(api.routesDelete.input)
      .output(api.routesDelete.output)
      .mutation(({ ctx, input }) => deleteRoute(ctx.scope, input)),
  }),
  commands: router({
    preview: guarded(can.actRead)
      .input(api.commandsPreview.input)
      .output(api.commandsPreview.output)
      .query(({ ctx, input }) => previewCommand(ctx.scope, input)),
    issue: guarded(can.act)
      .input(api.commandsIssue.input)
      .output(api.commandsIssue.output)
      .mutation(({ ctx, input }) => giveCommand(ctx.scope, input)),
    purge: guarded(can.purge)
      .input(api.commandsPurge.input)
      .output(api.commandsPurge.output)
      .mutation(({ ctx, input }) => purge(ctx.scope, input)),
    withdraw: guarded(can.act)
      .input(api.commandsWithdraw.input)
      .output(api.commandsWithdraw.output)
      .mutation(({ ctx, input }) => withdrawCommand(ctx.scope, input)),
    list: guarded(can.read)
      .input(api.commandsList.input)
      .output(api.commandsList.output)
      .query(({ ctx, input }) => listCommands(ctx.scope, input)),
  }),
  automations: automationProcedures,
  decisions: decisionProcedures,
  traces: traceProcedures,
  warmUps: warmUpProcedures,
  queues: router({
    list: guarded(can.read)
      .input(api.queuesList.input)
      .output(api.queuesList.output)
      .query(({ ctx, input }) => listQueues(ctx.scope, input)),
    explain: guarded(can.read)
      .input(api.queuesExplain.input)
      .output(api.queuesExplain.output)
      .query(({ ctx, input }) => explainQueue(ctx.scope, input)),
  }),
  messages: router({
    search: guarded(can.own)
      .input(api.messagesSearch.input)
      .output(api.messagesSearch.output)
      .query(({ ctx, input }) => searchMessages(ctx.scope, input)),
    timeline: guarded(can.own)
      .input(api.messagesTimeline.input)
      .output(api.messagesTimeline.output)
      .query(({ ctx, input }) => messageTimeline(ctx.scope, input)),
    trace: guarded(can.own)
      .input(api.messagesTrace.input)
      .output(api.messagesTrace.output)
      .query(({ ctx, input }) => traceRecipient(ctx.scope, input)),
    explain: guarded(can.read)
      .input(api.messagesExplain.input)
      .output(api.messagesExplain.output)
      .query(({ ctx, input }) => explainMessage(ctx.scope, input)),
  }),
  ...mailProcedures,
  config: configProcedures,
  audit: auditProcedures,
  secrets: secretProcedures,
});

function whatIsAsked(): api.ProcedureAsks[] {
  return asked(appRouter);
}

/** Called when asked, so the tree is whole by then. */
function declared(): ProcedureAccess[] {
  return proceduresOf(appRouter);
}

function whatMay(actor: Actor): string[] {
  return callable(appRouter, actor);
}

export type AppRouter = typeof appRouter;
