// Whose the hosts of a route are: the provider whose suffix matches longest, and only if it is the same for every host.

/** Longest suffix first: the host name itself, then without its first label, and so on. */
export function longestSuffix<T>(index: ReadonlyMap<string, T>, host: string): T | undefined {
  for (let at = 0; ; at = host.indexOf('.', at) + 1) {
    const found = index.get(host.slice(at));
    if (found !== undefined || host.indexOf('.', at) < 0) return found;
  }
}

/** The provider of whom every host is: one foreign host among them, and its limits and rules do not fit. `keyOf` is null for a stranger. */
export function providerOfHosts(hosts: readonly string[], keyOf: (host: string) => string | null): string | null {
  const keys = new Set(hosts.map(keyOf));
  return keys.size === 1 ? ([...keys][0] ?? null) : null;
}
