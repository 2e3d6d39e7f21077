// Tenants and what belongs to them: streams, sending domains, DKIM keys, SMTP credentials, relays.
import { z } from 'zod';
import { credentialBody, dkimKeyBody, domainBody, relayBody, streamBody, tenantBody } from '../entities.ts';
import { dkimRecordState, maxDkimNames } from '../dkim-record.ts';
import { id, reason } from '../names.ts';
import { createdEntity, listPart, namedById, partOrNamed, revisionMade } from './page.ts';

const because = { reason: reason.default('created by an operator') };
const meta = { schemaVersion: true, minEngine: true } as const;

export const tenantView = tenantBody.omit(meta).extend({ id, createdAt: z.iso.datetime() });
/** By slug; searched by name and slug, and by the whole id. */
export const tenantsList = { input: partOrNamed, output: z.array(tenantView) };
export const tenantsCreate = { input: z.strictObject({ ...tenantBody.omit(meta).shape, ...because }), output: createdEntity };

/** All tenants' where none is named. */
const ofTenant = z.strictObject({ tenantId: id.optional(), ...listPart });
const ofTenantById = ofTenant.extend({ after: id.optional() });
export const streamView = streamBody.omit(meta).extend({ id });
/** By id, that is in the order in which they were made; searched by name. */
export const streamsList = { input: ofTenantById.extend(namedById), output: z.array(streamView) };
export const streamsCreate = { input: z.strictObject({ ...streamBody.omit(meta).shape, ...because }), output: createdEntity };

export const domainView = domainBody.omit(meta).extend({ id });
/** By domain. */
export const domainsList = { input: ofTenant, output: z.array(domainView) };
export const domainsCreate = { input: z.strictObject({ ...domainBody.omit(meta).shape, ...because }), output: createdEntity };

export const dkimKeyView = dkimKeyBody.omit(meta).omit({ secretId: true }).extend({ id, dnsName: z.string(), dnsValue: z.string() });
/** By id; searched by domain and selector. `domainIds`: only of these sending domains. */
export const selectorsList = {
  input: ofTenantById.extend({ domainIds: z.array(id).min(1).max(50).optional() }),
  output: z.array(dkimKeyView),
};
/** Makes a key pair; the private half is sealed at once and never shown. `activate` signs with it from the next revision on. */
export const selectorsCreate = {
  input: z.strictObject({ domainId: id, selector: dkimKeyBody.shape.selector, activate: z.boolean().default(false), ...because }),
  output: createdEntity.extend({ dnsName: z.string(), dnsValue: z.string() }),
};

/** What DNS says of the records of these selectors now, asked by a running node. */
export const selectorsCheck = {
  input: z.strictObject({ ids: z.array(id).min(1).max(maxDkimNames) }),
  output: z.object({
    /** The node that asked; null when none answered. */
    node: z.string().nullable(),
    items: z.array(
      z.object({
        id,
        dnsName: z.string(),
        state: dkimRecordState,
        finding: z.string(),
        /** What to do; empty when all is well. */
        remedy: z.string(),
        /** The records as DNS has them; null when it gave no answer. */
        found: z.array(z.string()).nullable(),
      }),
    ),
  }),
};

/** The private half of a selector that is `key missing`: PEM, not encrypted. Its public half has to be the one that the selector has. */
export const selectorsGiveKey = {
  input: z.strictObject({ id, privateKey: z.string().min(1).max(20_000), reason }),
  output: revisionMade,
};

export const credentialView = credentialBody
  .omit(meta)
  .omit({ verifier: true, verifierFingerprint: true })
  .extend({ id, createdAt: z.iso.datetime(), passwordMissing: z.boolean() });
/** By user name. */
export const credentialsList = { input: ofTenant, output: z.array(credentialView) };
/** The password is made here, answered once and kept only as a verifier. */
export const credentialsCreate = {
  input: z.strictObject({ tenantId: id, streamId: id, username: credentialBody.shape.username, ...because }),
  output: createdEntity.extend({ username: z.string(), password: z.string() }),
};
export const credentialsSetEnabled = { input: z.strictObject({ id, enabled: z.boolean(), reason }), output: revisionMade };

export const relayView = relayBody.omit(meta).extend({ id });
/** By id; searched by network. */
export const relaysList = { input: ofTenantById, output: z.array(relayView) };
export const relaysCreate = {
  input: z.strictObject({ tenantId: id, streamId: id, cidr: relayBody.shape.cidr, ...because }),
  output: createdEntity,
};
export const relaysDelete = { input: z.strictObject({ id, reason }), output: revisionMade };
