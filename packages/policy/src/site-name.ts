// The stable name of a set of hosts: sorted and joined, or, when that is long, the first of them and a hash of all.
import { createHash } from 'node:crypto';

const longestSite = 120;

export function siteName(hosts: readonly string[]): string {
  const sorted = [...new Set(hosts)].sort();
  const joined = sorted.join('+');
  if (joined.length <= longestSite) return joined;
  const hash = createHash('sha256').update(joined).digest('hex').slice(0, 16);
  return `${(sorted[0] ?? '').slice(0, longestSite - 17)}+${hash}`;
}
