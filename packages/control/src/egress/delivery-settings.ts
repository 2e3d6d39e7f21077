// Rules of delivery settings: which mail they name and what it is told. One value wins, by the precedence in policy; here they are made,
// changed and taken away. Passwords and client keys are sealed at once and never shown.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { settingBody, type SettingBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { deleteSecret } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import { changeConfig, put, remove } from '../config/change.ts';
import { rows } from '../config/rows.ts';
import { replaceSecret } from '../keys/sealed.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { readPart, visiblePart, type ListPart, type ListStatement } from '../list-part.ts';
import { assertNamesExist, namesFor, namesIn } from './named.ts';
import { visibleWhere } from './visible.ts';

type RuleInput = Omit<z.output<typeof api.settingsCreate.input>, 'reason'>;

type StoredRule = SettingBody & { id: string };

const ruleOf = (row: { id: string; settingValues: unknown }): StoredRule => ({
  id: row.id,
  ...settingBody.parse({ ...row, values: row.settingValues }),
});

/** Every rule that the operator may see, as it stands. */
export async function settingRulesOf(scope: Scope): Promise<StoredRule[]> {
  const visible = await visibleWhere(scope);
  const stored = await scope.db.settingRule.findMany({ orderBy: { name: 'asc' } });
  return stored.map(ruleOf).filter(({ where }) => visible(where));
}

const list: ListStatement = {
  rows: 'select id::text as id, name, "where", setting_values as "values", enabled from setting_rule',
  key: 'name',
  keyType: 'text',
  searched: ['name'],
};

export async function listSettings(scope: Scope, part: ListPart): Promise<z.input<typeof api.settingsList.output>> {
  const visible = await visibleWhere(scope);
  const read = (after: string | undefined, take: number) => readPart<StoredRule>(scope.sql, list, { ...part, after, limit: take });
  const rules = await visiblePart(
    part,
    read,
    ({ name }) => name,
    (rule) => visible(rule.where),
  );
  const names = await namesIn(
    scope,
    rules.map(({ where }) => where),
  );
  return rules.map(({ id, name, where, values, enabled }) => {
    const { authSecretId, clientCertificateSecretId, ...open } = values;
    const secrets = { hasAuthPassword: Boolean(authSecretId), hasClientCertificate: Boolean(clientCertificateSecretId) };
    return { id, name, where, whereNames: namesFor(where, names), values: open, ...secrets, enabled };
  });
}

export async function createSetting(scope: Scope, input: z.output<typeof api.settingsCreate.input>) {
  const { reason, ...rule } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'settings.create', target: `setting:${id}`, reason }, async () => {
    await assertFree(scope, rule.name, id);
    return [put('setting', id, null, await bodyOf(scope, id, rule, null))];
  });
  return { id, ...made };
}

export async function updateSetting(scope: Scope, input: z.output<typeof api.settingsUpdate.input>) {
  const { id, reason, ...rule } = input;
  return changeConfig(scope, { action: 'settings.update', target: `setting:${id}`, reason }, async () => {
    const old = found(await rows.setting.read(scope.db, id), `settings rule ${id}`);
    await assertFree(scope, rule.name, id);
    return [put('setting', id, null, await bodyOf(scope, id, rule, old))];
  });
}

export async function deleteSetting(scope: Scope, { id, reason }: z.output<typeof api.settingsDelete.input>) {
  return changeConfig(scope, { action: 'settings.delete', target: `setting:${id}`, reason }, async () => {
    const { values } = found(await rows.setting.read(scope.db, id), `settings rule ${id}`);
    for (const secretId of [values.authSecretId, values.clientCertificateSecretId]) {
      if (secretId) await deleteSecret(scope.sql, secretId);
    }
    return [remove('setting', id, null)];
  });
}

async function assertFree({ db }: Scope, name: string, id: string): Promise<void> {
  const namesake = await db.settingRule.findUnique({ where: { name } });
  if (namesake && namesake.id !== id) throw new Refusal('CONFLICT', `a settings rule named ${name} exists`);
}

async function bodyOf(scope: Scope, id: string, rule: RuleInput, old: SettingBody | null) {
  const { name, where, enabled, values, authPassword, clientCertificate } = rule;
  await assertNamesExist(scope, where);
  if (clientCertificate) assertCertificateWithKey(clientCertificate);
  const authSecretId = await replaceSecret(scope, `setting:${id}:auth`, old?.values.authSecretId, authPassword);
  const clientSecretId = await replaceSecret(scope, `setting:${id}:client`, old?.values.clientCertificateSecretId, clientCertificate);
  const sealed = {
    ...(authSecretId !== null && { authSecretId }),
    ...(clientSecretId !== null && { clientCertificateSecretId: clientSecretId }),
  };
  if (Object.keys(values).length + Object.keys(sealed).length === 0) throw new Refusal('BAD_REQUEST', 'values: the rule gives no value');
  return { name, where, enabled, values: { ...values, ...sealed } };
}

function assertCertificateWithKey(pem: string): void {
  try {
    if (new X509Certificate(pem).checkPrivateKey(createPrivateKey(pem))) return;
  } catch {
    // Said below; the library's own words may quote the key.
  }
  throw new Refusal('BAD_REQUEST', 'clientCertificate: not a PEM certificate with its own private key');
}
