// What belongs to tenants, as text. See forms.ts. A DKIM key and a credential carry what identifies their secret: where the same secret is
// here, it stays; where it is not, the entry is kept and marked as missing, and neither signs nor signs in.
import { createHash } from 'node:crypto';
import {
  dkimKeyBody,
  id,
  streamBody,
  tenantBody,
  type CredentialBody,
  type DkimKeyBody,
  type DomainBody,
  type RelayBody,
  type StreamBody,
  type TenantBody,
} from '@sluice/contract';
import { canonicalJson } from '@sluice/contract/content-root';
import { z } from 'zod';
import { minEngine, splitName } from './form-parts.ts';
import { form } from './form.ts';
import { FormProblem } from './names.ts';

const text = z.string().min(1).max(300);
const fingerprint = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a fingerprint is sha256: and 64 hexadecimal digits');
const fingerprintOf = (bytes: Buffer | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const tenantSchema = z.strictObject({ ...minEngine, name: tenantBody.shape.name });
const tenant = form<TenantBody, typeof tenantSchema>(tenantSchema, {
  toText: ({ schemaVersion: _version, slug: _slug, ...rest }) => rest,
  toBody: (entry, slug) => ({ ...entry, slug }),
});

const { weight, retrySeconds, expirySeconds } = streamBody.shape;
const streamSchema = z.strictObject({ ...minEngine, weight, retrySeconds, expirySeconds, pools: z.array(text).min(1).max(32) });
const stream = form<StreamBody, typeof streamSchema>(streamSchema, {
  toText: ({ schemaVersion: _version, tenantId: _tenant, name: _name, poolIds, ...rest }, nameOf) => ({
    ...rest,
    pools: poolIds.map((poolId) => nameOf('pool', poolId)),
  }),
  toBody({ pools, ...rest }, name, idOf) {
    const { before, after } = splitName(name, 'tenant/stream');
    if (new Set(pools).size !== pools.length) throw new FormProblem('pools', 'a pool is named twice');
    return { ...rest, tenantId: idOf('tenant', before, ''), name: after, poolIds: pools.map((pool) => idOf('pool', pool, 'pools')) };
  },
});

const domainSchema = z.strictObject({ ...minEngine, tenant: text });
const domain = form<DomainBody, typeof domainSchema>(domainSchema, {
  toText: ({ schemaVersion: _version, domain: _domain, tenantId, ...rest }, nameOf) => ({ ...rest, tenant: nameOf('tenant', tenantId) }),
  toBody: ({ tenant: owner, ...rest }, name, idOf) => ({ ...rest, domain: name, tenantId: idOf('tenant', owner, 'tenant') }),
});

const { algorithm, state, publicKey } = dkimKeyBody.shape;
const keySchema = z.strictObject({
  ...minEngine,
  tenant: text,
  algorithm,
  state,
  key: z.strictObject({ id, fingerprint, publicKey }),
});
const dkimKey = form<DkimKeyBody, typeof keySchema>(keySchema, {
  toText({ schemaVersion: _version, domain: _domain, selector: _selector, keyMissing: _missing, tenantId, secretId, ...rest }, nameOf) {
    const { publicKey: open, ...others } = rest;
    const key = { id: secretId, fingerprint: fingerprintOf(Buffer.from(open, 'base64')), publicKey: open };
    return { ...others, tenant: nameOf('tenant', tenantId), key };
  },
  toBody({ tenant: owner, key, ...rest }, name, idOf, current) {
    if (key.fingerprint !== fingerprintOf(Buffer.from(key.publicKey, 'base64')))
      throw new FormProblem('key.fingerprint', 'it is not that of the public key');
    const { before, after } = splitName(name, 'domain/selector');
    const same = current !== null && current.secretId === key.id && current.publicKey === key.publicKey;
    const secret = { publicKey: key.publicKey, secretId: key.id, keyMissing: same ? current.keyMissing : true };
    return { ...rest, ...secret, domain: before, selector: after, tenantId: idOf('tenant', owner, 'tenant') };
  },
});

/** Of a verifier: the same password on another installation has another one, so this says no more than that they are the same. */
const verifierPrint = ({ verifier, verifierFingerprint }: CredentialBody): string | null =>
  verifier === null ? verifierFingerprint : fingerprintOf(canonicalJson(verifier));

const credentialSchema = z.strictObject({
  ...minEngine,
  stream: text,
  enabled: z.boolean().default(true),
  password: z.strictObject({ fingerprint }).nullable().default(null),
});
const credential = form<CredentialBody, typeof credentialSchema>(credentialSchema, {
  toText(body, nameOf) {
    const print = verifierPrint(body);
    const { minEngine: engine, streamId, enabled } = body;
    const password = print === null ? null : { fingerprint: print };
    return { ...(engine !== undefined && { minEngine: engine }), stream: nameOf('stream', streamId), enabled, password };
  },
  toBody({ stream: of, password, ...rest }, username, idOf, current) {
    const print = password?.fingerprint ?? null;
    const here = current !== null && verifierPrint(current) === print;
    const { verifier, verifierFingerprint } = here ? current : { verifier: null, verifierFingerprint: print };
    const { before } = splitName(of, 'tenant/stream');
    const owner = { tenantId: idOf('tenant', before, 'stream'), streamId: idOf('stream', of, 'stream') };
    return { ...rest, ...owner, username, verifier, verifierFingerprint };
  },
});

const relaySchema = z.strictObject({ ...minEngine, stream: text, enabled: z.boolean().default(true) });
const relay = form<RelayBody, typeof relaySchema>(relaySchema, {
  toText: ({ schemaVersion: _version, cidr: _cidr, tenantId: _tenant, streamId, ...rest }, nameOf) => ({
    ...rest,
    stream: nameOf('stream', streamId),
  }),
  toBody({ stream: of, ...rest }, cidr, idOf) {
    const { before } = splitName(of, 'tenant/stream');
    return { ...rest, cidr, tenantId: idOf('tenant', before, 'stream'), streamId: idOf('stream', of, 'stream') };
  },
});

export const tenantForms = { tenant, stream, domain, dkim_key: dkimKey, credential, relay };
