// Secrets that edits name: a text or an old revision may name one that is gone, or one that belongs to something else. The first is kept as
// a reference and said; the second is refused, since whoever could borrow a secret by its id could send it somewhere.
import type { EntityKind } from '@sluice/contract';
import { secretOwners } from '@sluice/plane/console';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { readBody, type Edit } from './edits.ts';
import { nameOfBody } from './text/names.ts';

/** A place of a body that may name a secret, and what the secret is bound to. */
type Slot = { readonly secretId: string; readonly owner: string; readonly what: string };

/** The sealed secrets that a stored body names. */
export function secretsOf(kind: EntityKind, id: string, stored: unknown): Slot[] {
  const body: { readonly [field: string]: unknown } | null = readBody(kind, stored);
  if (body === null) return [];
  const slots: Slot[] = [];
  const add = (secretId: unknown, owner: string, what: string): void => {
    if (typeof secretId === 'string') slots.push({ secretId, owner, what });
  };
  const within = (field: string): { readonly [field: string]: unknown } => Object(body[field]) as { [field: string]: unknown };
  if (kind === 'dkim_key') add(body['secretId'], `dkim_key:${id}`, 'the private key');
  if (kind === 'route') add(body['authSecretId'], `route:${id}:auth`, 'the AUTH password');
  if (kind === 'source') add(within('proxy')['secretId'], `source:${id}:proxy`, 'the password at the proxy');
  if (kind === 'setting') {
    add(within('values')['authSecretId'], `setting:${id}:auth`, 'the AUTH password');
    add(within('values')['clientCertificateSecretId'], `setting:${id}:client`, 'the client certificate');
  }
  return slots;
}

/** The same edits with keys marked that are not here, and a sentence for each secret that has to be given again. */
export async function settleSecrets(scope: Scope, edits: readonly Edit[]): Promise<{ edits: Edit[]; notes: string[] }> {
  const asked = edits.flatMap(({ kind, id, after }) => secretsOf(kind, id, after));
  const owners =
    asked.length === 0 ? new Map<string, string>() : await secretOwners(scope.sql, [...new Set(asked.map((slot) => slot.secretId))]);
  // What an entity that goes leaves behind is deleted with it.
  const released = new Set(
    edits.flatMap(({ kind, id, before, after }) => (after === null ? secretsOf(kind, id, before).map((slot) => slot.secretId) : [])),
  );
  const notes: string[] = [];
  const settled = edits.map((edit): Edit => {
    const body = readBody(edit.kind, edit.after);
    if (body === null) return edit;
    const name = `${edit.kind.replaceAll('_', ' ')} ${nameOfBody(edit.kind, body, (_kind, id) => id)}`;
    const missing = secretsOf(edit.kind, edit.id, edit.after).filter(({ secretId, owner, what }) => {
      const holder = owners.get(secretId);
      if (holder === undefined || (holder !== owner && released.has(secretId))) return true;
      if (holder !== owner) throw new Refusal('BAD_REQUEST', `${name}: ${what} that it names belongs to something else`);
      return false;
    });
    if (edit.kind === 'dkim_key') return withKeyMark(edit, missing.length > 0, name, notes);
    for (const { what } of missing) notes.push(`${name}: ${what} is not here any more; mail that needs it waits until it is given again`);
    if (edit.kind === 'credential' && 'verifier' in body && body.verifier === null)
      notes.push(`${name}: its password is not here; nobody signs in with it`);
    return edit;
  });
  return { edits: settled, notes };
}

function withKeyMark(edit: Edit, missing: boolean, name: string, notes: string[]): Edit {
  if (missing) notes.push(`${name}: key missing, it does not sign`);
  const stored = Object(edit.after) as { keyMissing?: boolean };
  return (stored.keyMissing ?? false) === missing ? edit : { ...edit, after: { ...stored, keyMissing: missing } };
}
