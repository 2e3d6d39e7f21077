// Waiting until a part answers its health endpoint.
const pollIntervalMs = 100;
const requestTimeoutMs = 2000;

/** An address to reach a listener from this machine; the wildcard is no destination. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function isHealthy(url: string, request: typeof fetch): Promise<boolean> {
  try {
    const answer = await request(url, { signal: AbortSignal.timeout(requestTimeoutMs), redirect: 'manual' });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/** True once `url` answers 200, false when it has not within the limit. */
export async function waitUntilHealthy(url: string, request: typeof fetch, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const limit = performance.now() + limitMs;
  while (performance.now() < limit && !signal.aborted) {
    if (await isHealthy(url, request)) return true;
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
  return false;
}
