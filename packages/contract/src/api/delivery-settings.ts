// Rules of delivery settings, and the settings that hold for a piece of mail with the rule that each came from. Secrets go in and never
// come out: a view says only that there is one.
import { z } from 'zod';
import {
  deliverySettings,
  dimensionsOf,
  settingDimension,
  settingDimensions,
  settingFields,
  settingKeys,
  type SettingKey,
} from '../delivery-settings.ts';
import { limitDimension } from '../entities.ts';
import { domainName, id, reason } from '../names.ts';
import { limitView, routeView } from './egress.ts';
import { strictly } from './strict.ts';
import { createdEntity, partOfList, revisionMade } from './page.ts';

const sealed = { authSecretId: true, clientCertificateSecretId: true } as const;
/** The values of a rule that can be said aloud. */
export const openSettingValues = z.strictObject(deliverySettings.omit(sealed).partial().shape);
export type OpenSettingValues = z.infer<typeof openSettingValues>;

/** Absent leaves what the rule has, null takes it away. */
const secrets = {
  authPassword: z.string().min(1).max(1024).nullable().optional(),
  /** PEM: certificate, chain, private key. */
  clientCertificate: z.string().min(100).max(100_000).nullable().optional(),
};
const ruleInput = {
  name: settingFields.name,
  where: settingFields.where,
  values: strictly(openSettingValues),
  enabled: settingFields.enabled,
  ...secrets,
};

type RuleInput = z.output<z.ZodObject<typeof ruleInput>>;

/** Input name -> the setting that it gives. */
function* givenBy(rule: RuleInput): Generator<[path: string[], key: SettingKey]> {
  for (const key of settingKeys) if (key in rule.values) yield [['values', key], key];
  if (rule.authPassword) yield [['authPassword'], 'authSecretId'];
  if (rule.clientCertificate) yield [['clientCertificate'], 'clientCertificateSecretId'];
}

/** Refuses what a rule for such mail could never bring about. */
function reachable(rule: RuleInput, context: z.RefinementCtx): void {
  const named = settingDimensions.filter((dimension) => rule.where[dimension] !== undefined);
  for (const [path, key] of givenBy(rule)) {
    const dimensions = dimensionsOf(key);
    const beyond = named.filter((dimension) => !dimensions.includes(dimension));
    if (beyond.length === 0) continue;
    const message = `does not differ by ${beyond.join(' or ')}: a rule with it may name ${dimensions.join(', ')}, or nothing`;
    context.addIssue({ code: 'custom', path, message });
  }
}

/** `whereNames`: what an operator calls the sources, tenants and streams that `where` names by id. */
export const settingRuleView = z.object({
  id,
  name: settingFields.name,
  where: settingFields.where,
  whereNames: z.partialRecord(settingDimension, z.string()),
  values: openSettingValues,
  hasAuthPassword: z.boolean(),
  hasClientCertificate: z.boolean(),
  enabled: z.boolean(),
});
/** By name. */
export const settingsList = { input: partOfList, output: z.array(settingRuleView) };
export const settingsCreate = {
  input: z.strictObject({ ...ruleInput, reason: reason.default('created by an operator') }).superRefine(reachable),
  output: createdEntity,
};
/** Replaces name, match and values. */
export const settingsUpdate = { input: z.strictObject({ id, ...ruleInput, reason }).superRefine(reachable), output: revisionMade };
export const settingsDelete = { input: z.strictObject({ id, reason }), output: revisionMade };

/**
 * What the mail is about. Provider and site, when not given, are those of a static route of the domain, or those under which the engines
 * last reported mail to it; a stream implies its tenant. A static route that is not the given site's tells nothing.
 */
export const settingsEffective = {
  input: z.strictObject({
    provider: settingFields.where.valueType.optional(),
    site: settingFields.where.valueType.optional(),
    domain: domainName.optional(),
    sourceId: id.optional(),
    tenantId: id.optional(),
    streamId: id.optional(),
  }),
  output: z.object({
    context: z
      .array(
        z.object({
          dimension: settingDimension,
          value: z.string(),
          /** What operators call it, where `value` is an id. */
          name: z.string().nullable(),
          from: z.enum(['asked', 'stream', 'route', 'events']),
        }),
      )
      .max(settingDimensions.length),
    values: z.array(
      z.object({
        key: deliverySettings.keyof(),
        /** `true` in place of a secret. */
        value: z.json(),
        byDefault: z.json(),
        /** Null: the built-in default. A static route is called by its domain pattern, and stands above every rule. */
        rule: z.object({ kind: z.enum(['rule', 'route']), id, name: z.string() }).nullable(),
      }),
    ),
    /** The static route that leads mail of the domain, if one does. */
    route: routeView.nullable(),
    /** All that match apply at once; those that bind for sure come first. */
    limits: z.array(
      limitView.omit({ enabled: true }).extend({
        /** What operators call the sources, pools, tenants and streams that `where` names by id. */
        whereNames: z.partialRecord(limitDimension, z.string()),
        /** What the limit names and the question leaves open: it binds if this is as `where` says. */
        open: z.array(limitDimension),
      }),
    ),
  }),
};
