// An MTA-STS policy as text and as a value, and the one question asked of it: may mail of its domain go to this host? The text was written
// by whoever runs the policy host, so everything in it is bounded. RFC 8461 section 3.

export type StsMode = 'enforce' | 'testing' | 'none';
export type StsPolicy = {
  readonly mode: StsMode;
  /** Patterns, lower case, without trailing dots: a host name, or `*.` and the rest. */
  readonly mx: readonly string[];
  readonly maxAgeSeconds: number;
};
export type PolicyReading = { ok: true; policy: StsPolicy } | { ok: false; detail: string };

const MAX_PATTERNS = 100;
const MAX_LINES = 500;
/** RFC 8461 section 3.2: about a year. */
const longestAgeSeconds = 31_557_600;
/** A policy that is over at once would be fetched for every message. */
const shortestAgeSeconds = 60;
const pattern = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;

/** Reads a policy. Of a field that may occur once only, the first counts; unknown fields are ignored. RFC 8461 section 3.2 */
export function readPolicy(text: string): PolicyReading {
  const first = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/).slice(0, MAX_LINES)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const key = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (key !== 'mx') {
      if (!first.has(key)) first.set(key, value);
      continue;
    }
    const name = value.toLowerCase().replace(/\.$/, '');
    if (!pattern.test(name) || name.length > 253) return { ok: false, detail: 'an mx field is no host name' };
    mx.push(name);
  }
  const mode = first.get('mode');
  const age = first.get('max_age') ?? '';
  if (first.get('version') !== 'STSv1') return { ok: false, detail: 'the version is not STSv1' };
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return { ok: false, detail: 'the mode is none that is known' };
  if (!/^\d{1,10}$/.test(age)) return { ok: false, detail: 'max_age is no number of seconds' };
  if (mx.length > MAX_PATTERNS) return { ok: false, detail: 'too many mx fields' };
  if (mx.length === 0 && mode !== 'none') return { ok: false, detail: 'no mx field' };
  return { ok: true, policy: { mode, mx, maxAgeSeconds: Math.min(Math.max(Number(age), shortestAgeSeconds), longestAgeSeconds) } };
}

/** The id of the one `v=STSv1` record; null when there is none or more than one. RFC 8461 section 3.1 */
export function policyId(records: readonly string[]): string | null {
  const ours = records.filter((record) => /^v=STSv1\s*(?:;|$)/.test(record));
  if (ours.length !== 1) return null;
  return /(?:^|;)\s*id\s*=\s*([A-Za-z0-9]{1,32})\s*(?:;|$)/.exec(ours[0] ?? '')?.[1] ?? null;
}

/** A wildcard stands for exactly one label. RFC 8461 section 4.1 */
export function names(policy: StsPolicy, host: string): boolean {
  return policy.mx.some((mx) => {
    if (!mx.startsWith('*.')) return mx === host;
    const dot = host.indexOf('.');
    return dot > 0 && host.slice(dot + 1) === mx.slice(2);
  });
}
