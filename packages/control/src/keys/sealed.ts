// Secrets that operators hand in: sealed under the key-encryption key in the same transaction as the row that names them, and from then on
// known by id alone. Absent keeps what there is, null takes it away.
import { kekIdOf, sealSecret } from '@sluice/plane';
import { deleteSecret, putSecret } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import type { Scope } from '../scope.ts';

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
  const { kek } = scope.installation;
  const secretId = newId();
  const plain = Buffer.from(text);
  const sealed = sealSecret(plain, { id: secretId, aad: owner }, [{ id: kekIdOf(kek), key: kek }]);
  plain.fill(0);
  await putSecret(scope.sql, sealed);
  return secretId;
}
