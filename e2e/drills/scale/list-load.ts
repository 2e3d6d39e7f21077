// Lists as consoles and scripts ask for them: many sessions, a steady rate in all, each answer read whole.
import { percentile } from './percentile.ts';
import { seededId } from './seed.ts';

const signInsAtOnce = 4;
const partOf = 100;

/** Session cookies. */
export async function signInMany(url: string, owner: { email: string; password: string }, count: number): Promise<string[]> {
  const cookies: string[] = [];
  const lane = async (): Promise<void> => {
    while (cookies.length < count) {
      const response = await fetch(`${url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify(owner),
      });
      if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
      cookies.push(
        response.headers
          .getSetCookie()
          .map((line) => line.split(';')[0])
          .join('; '),
      );
    }
  };
  await Promise.all(Array.from({ length: signInsAtOnce }, lane));
  return cookies.slice(0, count);
}

export type ListLoad = { perSecond: number; forMs: number; sources: number; tenants: number };
export type ListFigures = {
  asked: number;
  failures: number;
  tookMs: number;
  p50Ms: number;
  p95Ms: number;
  slowest: Record<string, number>;
};

type Asked = { procedure: string; input?: object };

/** The n-th question: parts of the long lists at places all over them, and what an Overview asks. */
function question(n: number, { sources, tenants }: ListLoad): Asked {
  const place = (n * 7_919) % sources;
  const tenantId = seededId('tenant', place % tenants);
  const asked: Asked[] = [
    { procedure: 'sources.list', input: { after: `scale source ${place}`, limit: partOf } },
    { procedure: 'selectors.list', input: { after: seededId('dkim_key', place), limit: partOf } },
    { procedure: 'domains.list', input: { tenantId, limit: partOf } },
    { procedure: 'tenants.list', input: { after: `scale-${place % tenants}`, limit: partOf } },
    { procedure: 'limits.list', input: { after: `scale rule ${place}`, limit: partOf } },
    { procedure: 'settings.list', input: { after: `scale rule ${place}`, limit: partOf } },
    { procedure: 'selectors.list', input: { tenantId, limit: partOf } },
    { procedure: 'sources.list', input: { search: `source ${place}`, limit: partOf } },
    { procedure: 'config.revisions', input: { limit: 50 } },
    { procedure: 'audit.list', input: { limit: 50 } },
  ];
  return asked[n % asked.length] ?? { procedure: 'nodes.list' };
}

export async function askForLists(url: string, cookies: readonly string[], load: ListLoad): Promise<ListFigures> {
  const times: number[] = [];
  const byProcedure = new Map<string, number[]>();
  let failures = 0;
  const ask = async (n: number): Promise<void> => {
    const { procedure, input } = question(n, load);
    const query = input ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
    const fromMs = performance.now();
    try {
      const response = await fetch(`${url}/api/trpc/${procedure}${query}`, { headers: { cookie: cookies[n % cookies.length] ?? '' } });
      await response.text();
      if (!response.ok) failures += 1;
    } catch {
      failures += 1;
    }
    const tookMs = performance.now() - fromMs;
    times.push(tookMs);
    const own = byProcedure.get(procedure) ?? [];
    own.push(tookMs);
    byProcedure.set(procedure, own);
  };
  const startedMs = performance.now();
  const open: Promise<void>[] = [];
  for (let n = 0; performance.now() - startedMs < load.forMs; n++) {
    const waitMs = startedMs + (n * 1_000) / load.perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    open.push(ask(n));
  }
  await Promise.all(open);
  return {
    ...{ asked: times.length, failures, tookMs: performance.now() - startedMs },
    ...{ p50Ms: percentile(times, 50), p95Ms: percentile(times, 95) },
    slowest: Object.fromEntries([...byProcedure].map(([procedure, own]) => [procedure, percentile(own, 95)])),
  };
}
