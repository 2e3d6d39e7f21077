// SMTP credentials: the password is made here, answered once, and kept only as a SCRAM verifier.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { rows } from '../config/rows.ts';
import { makePassword, scramVerifier } from '../keys/scram.ts';
import { afterKey, havingText } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { assertStreamOf } from './stream-of.ts';

export async function listCredentials({ db }: Scope, { tenantId, after, limit, search }: z.output<typeof api.credentialsList.input>) {
  const where = { tenantId, username: afterKey(after), ...havingText(search, 'username') };
  const stored = await db.credential.findMany({ where, orderBy: { username: 'asc' }, take: limit });
  return stored.map(({ id, tenantId: owner, streamId, username, verifier, enabled, createdAt }) => ({
    id,
    tenantId: owner,
    streamId,
    username,
    enabled,
    passwordMissing: verifier === null,
    createdAt: createdAt.toISOString(),
  }));
}

export async function createCredential(scope: Scope, input: z.output<typeof api.credentialsCreate.input>) {
  const { tenantId, streamId, username, reason } = input;
  await assertStreamOf(scope, tenantId, streamId);
  const id = newId();
  const password = makePassword();
  const verifier = await scramVerifier(password);
  const why = { action: 'credentials.create', target: `credential:${username}`, reason, tenantId };
  const made = await changeConfig(scope, why, async () => {
    // A name of another tenant is not visible to a tenant-bound operator; there the unique index answers, with the same code.
    const taken = await scope.db.credential.findUnique({ where: { username } });
    if (taken) throw new Refusal('CONFLICT', `the user name ${username} is taken`);
    return [put('credential', id, tenantId, { tenantId, streamId, username, verifier })];
  });
  return { id, ...made, username, password };
}

export async function setCredentialEnabled(scope: Scope, input: z.output<typeof api.credentialsSetEnabled.input>) {
  const { id, enabled, reason } = input;
  const { tenantId, username } = found(await scope.db.credential.findUnique({ where: { id } }), `credential ${id}`);
  const why = { action: 'credentials.setEnabled', target: `credential:${username}`, reason, tenantId };
  return changeConfig(scope, why, async () => {
    const body = found(await rows.credential.read(scope.db, id), `credential ${id}`);
    return [put('credential', id, tenantId, { ...body, enabled })];
  });
}
