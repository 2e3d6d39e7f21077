// How mail leaves, as text. See forms.ts.
import {
  automationAction,
  automationBody,
  automationInput,
  automationWhere,
  limitBody,
  poolBody,
  providerBody,
  routeBody,
  settingBody,
  sourceBody,
  sourceProxy,
  strictReplyRules,
  warmUpFields,
  type AutomationBody,
  type LimitBody,
  type PoolBody,
  type ProviderBody,
  type RouteBody,
  type SettingBody,
  type SourceBody,
  type WarmUpBody,
} from '@sluice/contract';
import { z } from 'zod';
import { minEngine, referenceTo, secretReference, whereToBody, whereToText } from './form-parts.ts';
import { form } from './form.ts';

const meta = { schemaVersion: true, minEngine: true } as const;
const text = z.string().min(1).max(300);

const provider = form<ProviderBody, ReturnType<typeof providerSchema>>(providerSchema(), {
  toText: ({ schemaVersion: _version, key: _key, ...rest }) => rest,
  toBody: (entry, key) => ({ ...entry, key }),
});
function providerSchema() {
  const { key: _key, ...shape } = providerBody.omit(meta).shape;
  return z.strictObject({ ...minEngine, ...shape, replyRules: strictReplyRules.default([]) });
}

const { name: _sourceName, ...sourceShape } = sourceBody.omit(meta).shape;
const textProxy = z.strictObject({ ...sourceProxy.omit({ secretId: true }).shape, password: secretReference.nullable().default(null) });
const sourceSchema = z.strictObject({ ...minEngine, ...sourceShape, proxy: textProxy.nullable().default(null) });
const source = form<SourceBody, typeof sourceSchema>(sourceSchema, {
  toText({ schemaVersion: _version, name: _name, proxy, ...rest }) {
    if (proxy === null) return { ...rest, proxy };
    const { secretId, ...open } = proxy;
    return { ...rest, proxy: { ...open, password: referenceTo(secretId) } };
  },
  toBody({ proxy, ...rest }, name) {
    if (proxy === null) return { ...rest, name, proxy };
    const { password, ...open } = proxy;
    return { ...rest, name, proxy: { ...open, secretId: password?.id ?? null } };
  },
});

const member = z.strictObject({ weight: poolBody.shape.members.element.shape.weight, enabled: z.boolean().default(true) });
const poolSchema = z.strictObject({ ...minEngine, members: z.record(text, member).default({}) });
const pool = form<PoolBody, typeof poolSchema>(poolSchema, {
  toText: ({ schemaVersion: _version, name: _name, members, ...rest }, nameOf) => ({
    ...rest,
    members: Object.fromEntries(members.map(({ sourceId, ...one }) => [nameOf('source', sourceId), one])),
  }),
  toBody({ members, ...rest }, name, idOf) {
    const list = Object.entries(members).map(([source_, one]) => ({ sourceId: idOf('source', source_, `members.${source_}`), ...one }));
    // In the order in which rows are read back.
    return { ...rest, name, members: list.toSorted((a, b) => (a.sourceId < b.sourceId ? -1 : 1)) };
  },
});

const { authSecretId: _auth, domain: _domain, ...routeShape } = routeBody.omit(meta).shape;
const alternative = z.strictObject(routeBody.shape.alternatives.unwrap().element.shape);
const routeSchema = z.strictObject({
  ...minEngine,
  ...routeShape,
  alternatives: z.array(alternative).max(19).default([]),
  authPassword: secretReference.nullable().default(null),
});
const route = form<RouteBody, typeof routeSchema>(routeSchema, {
  toText: ({ schemaVersion: _version, domain: _name, authSecretId, ...rest }) => ({ ...rest, authPassword: referenceTo(authSecretId) }),
  toBody: ({ authPassword, ...rest }, domain) => ({ ...rest, domain, authSecretId: authPassword?.id ?? null }),
});

const { name: _limitName, ...limitShape } = limitBody.omit(meta).shape;
const limitSchema = z.strictObject({ ...minEngine, ...limitShape, where: limitShape.where.default({}), by: limitShape.by.default([]) });
const limit = form<LimitBody, typeof limitSchema>(limitSchema, {
  toText: ({ schemaVersion: _version, name: _name, where, ...rest }, nameOf) => ({ ...rest, where: whereToText(where, nameOf) }),
  toBody: ({ where, ...rest }, name, idOf) => ({ ...rest, name, where: whereToBody(where, idOf) }),
});

const { authSecretId: _login, clientCertificateSecretId: _client, ...openValues } = settingBody.shape.values.shape;
const settingSchema = z.strictObject({
  ...minEngine,
  where: settingBody.shape.where.default({}),
  values: z.strictObject({ ...openValues, authPassword: secretReference.optional(), clientCertificate: secretReference.optional() }),
  enabled: settingBody.shape.enabled,
});
const setting = form<SettingBody, typeof settingSchema>(settingSchema, {
  toText({ schemaVersion: _version, name: _name, where, values, ...rest }, nameOf) {
    const { authSecretId, clientCertificateSecretId, ...open } = values;
    const sealed = {
      ...(authSecretId && { authPassword: { id: authSecretId } }),
      ...(clientCertificateSecretId && { clientCertificate: { id: clientCertificateSecretId } }),
    };
    return { ...rest, where: whereToText(where, nameOf), values: { ...open, ...sealed } };
  },
  toBody({ where, values, ...rest }, name, idOf) {
    const { authPassword, clientCertificate, ...open } = values;
    const sealed = {
      ...(authPassword && { authSecretId: authPassword.id }),
      ...(clientCertificate && { clientCertificateSecretId: clientCertificate.id }),
    };
    return { ...rest, name, where: whereToBody(where, idOf), values: { ...open, ...sealed } };
  },
});

const { name: _planName, sourceIds: _sources, ...planShape } = warmUpFields;
const planSchema = z.strictObject({ ...minEngine, ...planShape, sources: z.array(text).min(1).max(500) });
const warmUp = form<WarmUpBody, typeof planSchema>(planSchema, {
  toText: ({ schemaVersion: _version, name: _name, sourceIds, ...rest }, nameOf) => ({
    ...rest,
    sources: sourceIds.map((sourceId) => nameOf('source', sourceId)),
  }),
  toBody: ({ sources, ...rest }, name, idOf) => ({ ...rest, name, sourceIds: sources.map((one) => idOf('source', one, 'sources')) }),
});

/** The same actions; a move names its pool. */
const [reduce, most, suspend, , hold, bounce, alert] = automationAction.options;
const move = z.strictObject({ kind: z.literal('move'), pool: text });
const textAction = z.discriminatedUnion('kind', [reduce, most, suspend, move, hold, bounce, alert]);
const { name: _ruleName, ...ruleShape } = automationInput.shape;
const automationSchema = z.strictObject({
  ...minEngine,
  ...ruleShape,
  where: z
    .strictObject({ ...automationWhere.shape, source: text.optional(), tenant: text.optional(), stream: text.optional() })
    .default({}),
  action: textAction,
  preset: automationBody.shape.preset,
  edited: automationBody.shape.edited,
});
const automation = form<AutomationBody, typeof automationSchema>(automationSchema, {
  toText: ({ schemaVersion: _version, name: _name, where, action, ...rest }, nameOf) => ({
    ...rest,
    where: whereToText(where, nameOf),
    action: action.kind === 'move' ? { kind: action.kind, pool: nameOf('pool', action.poolId) } : action,
  }),
  toBody: ({ where, action, ...rest }, name, idOf) => ({
    ...rest,
    name,
    where: whereToBody(where, idOf),
    action: action.kind === 'move' ? { kind: action.kind, poolId: idOf('pool', action.pool, 'action.pool') } : action,
  }),
});

export const egressForms = { provider, source, pool, route, limit, setting, warm_up: warmUp, automation };
