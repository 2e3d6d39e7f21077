// Parts that several forms share: matches whose values are named, and references to sealed secrets.
import { id } from '@sluice/contract';
import { z } from 'zod';
import { FormProblem, referredKinds, type IdOf, type NameOf, type ReferredKind } from './names.ts';

/** Which engines may run it; left out by almost all. */
export const minEngine = { minEngine: z.string().optional() };

/** A sealed secret: which one it is, never what it is. */
export const secretReference = z.strictObject({ id });
export type SecretReference = z.infer<typeof secretReference>;
export const referenceTo = (secretId: string | null | undefined): SecretReference | null => (secretId ? { id: secretId } : null);

const named: readonly string[] = referredKinds;
type Where = { readonly [dimension: string]: string | undefined };
const entries = (where: Where) =>
  Object.entries(where).flatMap(([dimension, value]) => (value === undefined ? [] : [[dimension, value] as const]));

export function whereToText(where: Where, nameOf: NameOf): { [dimension: string]: string } {
  return Object.fromEntries(
    entries(where).map(([dimension, value]) => [dimension, named.includes(dimension) ? nameOf(dimension as ReferredKind, value) : value]),
  );
}

export function whereToBody(where: Where, idOf: IdOf): { [dimension: string]: string } {
  return Object.fromEntries(
    entries(where).map(([dimension, value]) => [
      dimension,
      named.includes(dimension) ? idOf(dimension as ReferredKind, value, `where.${dimension}`) : value,
    ]),
  );
}

/** `slug/name` as tenant and stream; the tenant's part is looked up, the rest is what the stream is called. */
export function splitName(name: string, what: string): { before: string; after: string } {
  const at = name.indexOf('/');
  if (at < 1 || at === name.length - 1) throw new FormProblem('', `write its name as ${what}`);
  return { before: name.slice(0, at), after: name.slice(at + 1) };
}
