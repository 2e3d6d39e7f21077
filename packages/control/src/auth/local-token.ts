// The 0600 token by which the command line on this machine signs in, as `local`. Worth something only from a loopback peer: a token that
// leaks in a log or a backup opens nothing from elsewhere.
import { createHash, timingSafeEqual } from 'node:crypto';
import { localActor, type Actor } from '../actor.ts';

const minTokenLength = 32;
const bearer = /^Bearer ([\x21-\x7e]{1,500})$/i;
/** Equal lengths for the comparison, whatever was sent. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export interface LocalToken {
  actorOf(headers: Headers, loopback: boolean): Actor | null;
}

export function makeLocalToken(token: string | null): LocalToken {
  if (token !== null && token.length < minTokenLength) throw new Error(`the local token has less than ${minTokenLength} characters`);
  const expected = token === null ? null : digest(token);
  return {
    actorOf(headers, loopback) {
      const sent = bearer.exec(headers.get('authorization') ?? '')?.[1];
      if (expected === null || sent === undefined || !loopback) return null;
      return timingSafeEqual(digest(sent), expected) ? localActor : null;
    },
  };
}
