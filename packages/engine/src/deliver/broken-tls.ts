// Hosts whose TLS failed a short while ago: the next connection to them starts in plaintext at once instead of failing first. Opportunistic
// TLS only; a path that requires more never asks here. Bounded, and forgotten with time. RFC 7435 section 3.
import type { Clock } from '../ports.ts';

const MAX_HOSTS = 10_000;

export function createBrokenTlsHosts(clock: Clock) {
  const until = new Map<string, number>();
  return {
    has(host: string): boolean {
      const end = until.get(host);
      if (end === undefined) return false;
      if (end > clock.monotonicMs()) return true;
      until.delete(host);
      return false;
    },
    add(host: string, rememberMs: number): void {
      until.delete(host);
      if (rememberMs <= 0) return;
      until.set(host, clock.monotonicMs() + rememberMs);
      const [oldest] = until.keys();
      if (until.size > MAX_HOSTS && oldest !== undefined) until.delete(oldest);
    },
    forget(host: string): void {
      until.delete(host);
    },
  };
}
export type BrokenTlsHosts = ReturnType<typeof createBrokenTlsHosts>;
