// How many requests are taken, by the address they come from and by what they are signed in with. Counted in memory, before anything is
// asked of Postgres, so that a flood costs no more than the counting. A key or session is counted by what was sent as one: whoever does
// not hold it cannot use up its share. Each process counts for itself.
import { createHash } from 'node:crypto';
import { RequestRateBook } from '@sluice/policy';
import { sentKey } from '../api-keys/key-text.ts';
import { addressKey } from '../auth/sign-in-limit.ts';
import { errorResponse } from '../errors/error-response.ts';
import { callsIn, maxBatchSize, trpcPrefix } from './trpc.ts';

/** Requests a second, each; 0 sets no limit. A batch counts as many as it holds. */
export interface RequestRates {
  readonly perAddress: number;
  readonly perSession: number;
  readonly perKey: number;
}
export const noRequestLimits: RequestRates = { perAddress: 0, perSession: 0, perKey: 0 };

/** A full bucket holds what comes in this time: a page that opens, a script that catches up. */
const burstSeconds = 20;
/** The least burst: a whole batch. */
const minBurst = 20;
const maxBuckets = 20_000;
const sessionCookie = /(?:^|;\s*)(?:__Secure-|__Host-)?sluice\.session_token=([^;.]{1,200})/;

export interface RequestLimits {
  /** 0: go on. Otherwise refused: whole seconds until it is worth trying again. `calls`: how many procedures it asks for. */
  admit(headers: Headers, peer: { address: string; loopback: boolean }, calls: number): number;
}

export function makeRequestLimits(rates: RequestRates, now: () => Date): RequestLimits {
  const bookOf = (perSecond: number): RequestRateBook | null =>
    perSecond === 0 ? null : new RequestRateBook({ perSecond, burst: Math.max(minBurst, perSecond * burstSeconds) }, maxBuckets);
  const byAddress = bookOf(rates.perAddress);
  const bySession = bookOf(rates.perSession);
  const byKey = bookOf(rates.perKey);
  const waitMs = (headers: Headers, peer: { address: string; loopback: boolean }, calls: number): number => {
    const at = now().getTime();
    // A call from this machine comes from whoever runs it; one that a proxy here passes on is not such a call.
    const wait = peer.loopback ? 0 : (byAddress?.take(addressKey(peer.address), calls, at) ?? 0);
    if (wait > 0) return wait;
    const key = sentKey(headers);
    if (key !== null) return byKey?.take(digest(key), calls, at) ?? 0;
    const session = headers.has('authorization') ? undefined : sessionCookie.exec(headers.get('cookie') ?? '')?.[1];
    return session === undefined ? 0 : (bySession?.take(digest(session), calls, at) ?? 0);
  };
  return {
    admit: (headers, peer, calls) => Math.ceil(waitMs(headers, peer, calls) / 1000),
  };
}

/** What a request counts as; a batch beyond the bound is refused whole, and counts as a full one. */
export const weightOf = (pathname: string): number => (pathname.startsWith(trpcPrefix) ? Math.min(callsIn(pathname), maxBatchSize) : 1);

export const tooManyRequests = (retryAfterSeconds: number, requestId: string): Response =>
  errorResponse('TOO_MANY_REQUESTS', 'too many requests; wait a while and try again', { requestId, retryAfterSeconds });

/** No secret stays in memory for being counted. */
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64');
