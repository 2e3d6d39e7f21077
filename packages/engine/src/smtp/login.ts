// How we log in at a server that asks for it: AUTH PLAIN in one line where offered, else LOGIN in three. The password goes nowhere else.
// RFC 4954, RFC 4616.
import type { Capabilities } from './capabilities.ts';

export type Login = { username: string; password: string; withoutTls: boolean };
/** Lines still to be sent, each as the answer to a 334. */
export type LoginPlan = { ok: true; first: string; rest: string[] } | { ok: false; detail: string };

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** What to say to a server that offers `peer`. */
export function planLogin(login: Login, peer: Capabilities, secured: boolean): LoginPlan {
  if (!secured && !login.withoutTls) return { ok: false, detail: 'the login is not sent without TLS' };
  if (peer.auth.includes('PLAIN'))
    return { ok: true, first: `AUTH PLAIN ${base64(`\0${login.username}\0${login.password}`)}\r\n`, rest: [] };
  if (peer.auth.includes('LOGIN'))
    return { ok: true, first: 'AUTH LOGIN\r\n', rest: [`${base64(login.username)}\r\n`, `${base64(login.password)}\r\n`] };
  return { ok: false, detail: 'the server offers no login that we speak (PLAIN, LOGIN)' };
}
