// What the scopes of an API key allow. A scope names a resource (the first word of a procedure's path, or `*`) and a verb; verbs do not
// include one another, so that a key that may change something is not also one that reads everything about it.
import type { Verb } from '../access.ts';

export const resourceOf = (path: string): string => path.split('.', 1)[0] ?? path;

/** Every key may ask who it is, so that a program can tell a narrow key from a dead one. */
const always = 'session:read';

/** `path`: of the procedure. */
export function inScopes(scopes: readonly string[], path: string, verb: Verb): boolean {
  const scope = scopeOf(path, verb);
  return scope === always || scopes.includes(scope) || scopes.includes(`*:${verb}`);
}

/** The scope that a procedure asks for. */
export const scopeOf = (path: string, verb: Verb): string => `${resourceOf(path)}:${verb}`;
