// Secrets that operators hand in: sealed for the key-encryption key and the fleet key in the same transaction as the row that names them,
// and from then on known by id alone. Absent keeps what there is, null takes it away.
import { sealSecret } from '@sluice/plane';
import { deleteSecret, putSecret } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import type { Scope } from '../scope.ts';
import { recipientsOf } from './fleet-key.ts';

/** `owner`: what the secret belongs to, such as `setting:<id>:auth`; it is bound to the ciphertext. The secret's id, or null for none. */
export async function replaceSecret(
  scope: Scope,
  owner: string,
  old: string | null | undefined,
  next: string | null | undefined,
): Promise<string | null> {
  if (next === undefined) return old ?? null;
  if (old) await deleteSecret(scope.sql, old);
  return next === null ? null : keepSecret(scope, owner, next);
}

/** Seals and stores; the secret's id. `owner` as above. */
export async function keepSecret(scope: Scope, owner: string, text: string): Promise<string> {
  const secretId = newId();
  const plain = Buffer.from(text);
  const sealed = sealSecret(plain, { id: secretId, aad: owner }, await recipientsOf(scope));
  plain.fill(0);
  await putSecret(scope.sql, sealed);
  return secretId;
}
