// Which statements are kept prepared by their connection: those that are asked again, up to a bound. Planning a short statement under
// row-level security costs the server more than running it.

/** On each connection. Those for lists of ids of this and that length are ever new. */
const mostPrepared = 300;
const mostSeen = 3_000;

/** The name under which a statement is prepared; empty for one that is not. */
export function statementNames(): (statement: { sql: string }) => string {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  return ({ sql }) => {
    const name = names.get(sql);
    if (name !== undefined) return name;
    if (names.size === mostPrepared) return '';
    if (!seen.delete(sql)) {
      if (seen.size === mostSeen) seen.clear();
      seen.add(sql);
      return '';
    }
    const next = `s${names.size}`;
    names.set(sql, next);
    return next;
  };
}
