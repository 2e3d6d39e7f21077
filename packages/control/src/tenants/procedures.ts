// The procedures about tenants and what belongs to one: streams, sending domains, DKIM selectors, SMTP credentials and relays.
import * as api from '@sluice/contract/api';
import * as can from '../access-kinds.ts';
import { guarded, router } from '../procedure.ts';
import { createCredential, listCredentials, setCredentialEnabled } from './credentials.ts';
import { createDomain, listDomains } from './domains.ts';
import { createRelay, deleteRelay, listRelays } from './relays.ts';
import { checkSelectors } from './selector-records.ts';
import { createSelector, giveSelectorKey, listSelectors } from './selectors.ts';
import { createStream, listStreams } from './streams.ts';
import { createTenant, listTenants } from './tenants.ts';

export const tenantProcedures = {
  tenants: router({
    list: guarded(can.own)
      .input(api.tenantsList.input)
      .output(api.tenantsList.output)
      .query(({ ctx, input }) => listTenants(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.tenantsCreate.input)
      .output(api.tenantsCreate.output)
      .mutation(({ ctx, input }) => createTenant(ctx.scope, input)),
  }),
  streams: router({
    list: guarded(can.read)
      .input(api.streamsList.input)
      .output(api.streamsList.output)
      .query(({ ctx, input }) => listStreams(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.streamsCreate.input)
      .output(api.streamsCreate.output)
      .mutation(({ ctx, input }) => createStream(ctx.scope, input)),
  }),
  domains: router({
    list: guarded(can.read)
      .input(api.domainsList.input)
      .output(api.domainsList.output)
      .query(({ ctx, input }) => listDomains(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.domainsCreate.input)
      .output(api.domainsCreate.output)
      .mutation(({ ctx, input }) => createDomain(ctx.scope, input)),
  }),
  selectors: router({
    list: guarded(can.read)
      .input(api.selectorsList.input)
      .output(api.selectorsList.output)
      .query(({ ctx, input }) => listSelectors(ctx.scope, input)),
    check: guarded(can.read)
      .input(api.selectorsCheck.input)
      .output(api.selectorsCheck.output)
      .query(({ ctx, input }) => checkSelectors(ctx.scope, input)),
    create: guarded(can.write)
      .input(api.selectorsCreate.input)
      .output(api.selectorsCreate.output)
      .mutation(({ ctx, input }) => createSelector(ctx.scope, input)),
    giveKey: guarded(can.writeSecret)
      .input(api.selectorsGiveKey.input)
      .output(api.selectorsGiveKey.output)
      .mutation(({ ctx, input }) => giveSelectorKey(ctx.scope, input)),
  }),
  credentials: router({
    list: guarded(can.read)
      .input(api.credentialsList.input)
      .output(api.credentialsList.output)
      .query(({ ctx, input }) => listCredentials(ctx.scope, input)),
    create: guarded(can.write)
      .input(api.credentialsCreate.input)
      .output(api.credentialsCreate.output)
      .mutation(({ ctx, input }) => createCredential(ctx.scope, input)),
    setEnabled: guarded(can.write)
      .input(api.credentialsSetEnabled.input)
      .output(api.credentialsSetEnabled.output)
      .mutation(({ ctx, input }) => setCredentialEnabled(ctx.scope, input)),
  }),
  relays: router({
    list: guarded(can.read)
      .input(api.relaysList.input)
      .output(api.relaysList.output)
      .query(({ ctx, input }) => listRelays(ctx.scope, input)),
    create: guarded(can.writeAll)
      .input(api.relaysCreate.input)
      .output(api.relaysCreate.output)
      .mutation(({ ctx, input }) => createRelay(ctx.scope, input)),
    delete: guarded(can.write)
      .input(api.relaysDelete.input)
      .output(api.relaysDelete.output)
      .mutation(({ ctx, input }) => deleteRelay(ctx.scope, input)),
  }),
};
