// The session's token out of the Cookie header, as better-auth put it there: `<token>.<HMAC-SHA-256 of the token, Base64>`, percent-encoded.
// Read by us on every request: better-auth goes by subtle crypto and through all of its hooks for it, which took more of the processor
// than the rest of a short request. A token without our signature is not looked up at all.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Over TLS `__Host-`: from this very host, Secure, for every path (RFC 6265bis section 4.1.3.2). */
export const cookieName = (name: string, https: boolean): string => `${https ? '__Host-' : ''}sluice.${name}`;

/** Null: there is no such cookie, or it is not signed by us. */
export function signedToken(cookies: string, name: string, secret: string): string | null {
  const value = cookieNamed(cookies, name);
  if (value === null) return null;
  const at = value.lastIndexOf('.');
  if (at < 1) return null;
  const token = value.slice(0, at);
  const signature = Buffer.from(value.slice(at + 1));
  const expected = Buffer.from(createHmac('sha256', secret).update(token).digest('base64'));
  return signature.length === expected.length && timingSafeEqual(signature, expected) ? token : null;
}

/** The first of its name counts. RFC 6265 section 5.4 */
function cookieNamed(cookies: string, name: string): string | null {
  for (const pair of cookies.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    try {
      return decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      return null;
    }
  }
  return null;
}
