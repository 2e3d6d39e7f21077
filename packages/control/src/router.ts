// Every procedure of the control plane: who may call it, what goes in and out (both from the contract), and the one use case it calls.
// The access table of the documentation and the access tests are read from this tree.
import * as api from '@sluice/contract/api';
import type { Access } from './access.ts';
import { guarded, router } from './procedure.ts';
import { pending, pendingTicks } from './pending.ts';

/** Any operator; a tenant-bound one meets only its own tenant's rows. */
const read = { roles: ['owner', 'analyst'], tenant: 'scoped', audit: 'none' } as const satisfies Access;
/** Any operator who is not bound to a tenant. */
const readAll = { roles: ['owner', 'analyst'], tenant: 'installation-wide', audit: 'none' } as const satisfies Access;
/** An Owner who is not bound to a tenant, looking. */
const ownerReadAll = { roles: ['owner'], tenant: 'installation-wide', audit: 'none' } as const satisfies Access;
/** An Owner, also of one tenant: changes that reach no further than that tenant. */
const write = { roles: ['owner'], tenant: 'scoped', audit: 'entry' } as const satisfies Access;
/** An Owner who is not bound to a tenant. */
const writeAll = { roles: ['owner'], tenant: 'installation-wide', audit: 'entry' } as const satisfies Access;
const anyone = { roles: 'public', tenant: 'public', audit: 'none' } as const satisfies Access;
const anyoneOnce = { roles: 'public', tenant: 'public', audit: 'entry' } as const satisfies Access;

export const appRouter = router({
  session: router({
    me: guarded(read).output(api.sessionMe.output).query(pending),
  }),
  setup: router({
    status: guarded(anyone).output(api.setupStatus.output).query(pending),
    complete: guarded(anyoneOnce).input(api.setupComplete.input).output(api.setupComplete.output).mutation(pending),
    issueLink: guarded(writeAll).output(api.setupIssueLink.output).mutation(pending),
  }),
  users: router({
    list: guarded(ownerReadAll).output(api.usersList.output).query(pending),
    create: guarded(writeAll).input(api.usersCreate.input).output(api.usersCreate.output).mutation(pending),
    resetPassword: guarded(writeAll).input(api.usersResetPassword.input).output(api.usersResetPassword.output).mutation(pending),
  }),
  tenants: router({
    list: guarded(read).output(api.tenantsList.output).query(pending),
    create: guarded(writeAll).input(api.tenantsCreate.input).output(api.tenantsCreate.output).mutation(pending),
  }),
  streams: router({
    list: guarded(read).input(api.streamsList.input).output(api.streamsList.output).query(pending),
    create: guarded(writeAll).input(api.streamsCreate.input).output(api.streamsCreate.output).mutation(pending),
  }),
  domains: router({
    list: guarded(read).input(api.domainsList.input).output(api.domainsList.output).query(pending),
    create: guarded(writeAll).input(api.domainsCreate.input).output(api.domainsCreate.output).mutation(pending),
  }),
  selectors: router({
    list: guarded(read).input(api.selectorsList.input).output(api.selectorsList.output).query(pending),
    create: guarded(write).input(api.selectorsCreate.input).output(api.selectorsCreate.output).mutation(pending),
  }),
  credentials: router({
    list: guarded(read).input(api.credentialsList.input).output(api.credentialsList.output).query(pending),
    create: guarded(write).input(api.credentialsCreate.input).output(api.credentialsCreate.output).mutation(pending),
    setEnabled: guarded(write).input(api.credentialsSetEnabled.input).output(api.credentialsSetEnabled.output).mutation(pending),
  }),
  relays: router({
    list: guarded(read).input(api.relaysList.input).output(api.relaysList.output).query(pending),
    create: guarded(writeAll).input(api.relaysCreate.input).output(api.relaysCreate.output).mutation(pending),
    delete: guarded(write).input(api.relaysDelete.input).output(api.relaysDelete.output).mutation(pending),
  }),
  sources: router({
    list: guarded(read).output(api.sourcesList.output).query(pending),
    create: guarded(writeAll).input(api.sourcesCreate.input).output(api.sourcesCreate.output).mutation(pending),
    setEnabled: guarded(writeAll).input(api.sourcesSetEnabled.input).output(api.sourcesSetEnabled.output).mutation(pending),
  }),
  pools: router({
    list: guarded(read).output(api.poolsList.output).query(pending),
    create: guarded(writeAll).input(api.poolsCreate.input).output(api.poolsCreate.output).mutation(pending),
    setMembers: guarded(writeAll).input(api.poolsSetMembers.input).output(api.poolsSetMembers.output).mutation(pending),
  }),
  providers: router({
    list: guarded(read).output(api.providersList.output).query(pending),
  }),
  limits: router({
    list: guarded(read).output(api.limitsList.output).query(pending),
    create: guarded(writeAll).input(api.limitsCreate.input).output(api.limitsCreate.output).mutation(pending),
    update: guarded(writeAll).input(api.limitsUpdate.input).output(api.limitsUpdate.output).mutation(pending),
  }),
  routes: router({
    list: guarded(readAll).output(api.routesList.output).query(pending),
    create: guarded(writeAll).input(api.routesCreate.input).output(api.routesCreate.output).mutation(pending),
    delete: guarded(writeAll).input(api.routesDelete.input).output(api.routesDelete.output).mutation(pending),
  }),
  commands: router({
    previewSuspend: guarded(ownerReadAll).input(api.commandsPreviewSuspend.input).output(api.commandsPreviewSuspend.output).query(pending),
    suspend: guarded(writeAll).input(api.commandsSuspend.input).output(api.commandsSuspend.output).mutation(pending),
    resume: guarded(writeAll).input(api.commandsResume.input).output(api.commandsResume.output).mutation(pending),
    list: guarded(readAll).input(api.commandsList.input).output(api.commandsList.output).query(pending),
  }),
  messages: router({
    search: guarded(read).input(api.messagesSearch.input).output(api.messagesSearch.output).query(pending),
    timeline: guarded(read).input(api.messagesTimeline.input).output(api.messagesTimeline.output).query(pending),
    trace: guarded(read).input(api.messagesTrace.input).output(api.messagesTrace.output).query(pending),
  }),
  overview: router({
    outcomes: guarded(read).input(api.overviewOutcomes.input).output(api.overviewOutcomes.output).query(pending),
    lastEvents: guarded(read).input(api.overviewLastEvents.input).output(api.overviewLastEvents.output).query(pending),
  }),
  nodes: router({
    list: guarded(read).output(api.nodesList.output).query(pending),
  }),
  live: router({
    stream: guarded(read).subscription(pendingTicks),
  }),
  config: router({
    revisions: guarded(readAll).input(api.configRevisions.input).output(api.configRevisions.output).query(pending),
  }),
  audit: router({
    list: guarded(read).input(api.auditList.input).output(api.auditList.output).query(pending),
  }),
});

export type AppRouter = typeof appRouter;
