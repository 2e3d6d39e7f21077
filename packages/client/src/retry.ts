// Tries a call again where that is safe: a query always, a change under one idempotency key for all its tries, so that the server does it
// once however often it arrives. Only when nobody answered, or the answer says that the same may succeed later.

export interface Waiting {
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
}

const real: Waiting = {
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

const firstPauseMs = 200;
/** However long Retry-After asks for; past it the refusal is handed on. */
const longestPauseMs = 30_000;
/** Too many calls, and the database away: nothing was done. */
const later = new Set([429, 503]);

/** `retries`: tries after the first. */
export function retrying(once: typeof fetch, retries: number, waiting: Waiting = real): typeof fetch {
  return async (input, init) => {
    const change = init?.method === 'POST';
    const headers = new Headers(init?.headers);
    if (change && !headers.has('idempotency-key')) headers.set('idempotency-key', crypto.randomUUID());
    for (let tries = 0; ; tries += 1) {
      const last = tries >= retries;
      try {
        const response = await once(input, { ...init, headers: Object.fromEntries(headers) });
        if (last || !later.has(response.status)) return response;
        const pause = pauseMs(tries, waiting.random(), response.headers.get('retry-after'));
        if (pause === null) return response;
        await response.body?.cancel();
        await waiting.sleep(pause);
      } catch (error) {
        // A caller who gave up, or a try that took its whole time, is not tried again.
        if (last || !(error instanceof TypeError)) throw error;
        await waiting.sleep(pauseMs(tries, waiting.random(), null) ?? firstPauseMs);
      }
    }
  };
}

/** Twice as long after every try, and spread, so that many clients do not come back at once. Null: longer than we wait. */
function pauseMs(tries: number, random: number, retryAfter: string | null): number | null {
  const asked = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : 0;
  if (asked > longestPauseMs) return null;
  return asked + firstPauseMs * 2 ** tries * (0.5 + random / 2);
}
