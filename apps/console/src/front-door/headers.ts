// Headers in and out. In: everything a client could use to say where it comes from, or to speak to Next's inside, is taken away before
// anyone reads it. Out: one strict policy for pages, with a nonce of its own per request, and the same hardening on every answer.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** Names a client must not set: forwarding headers, Next's internals, and the two by which we hand the nonce to Next. */
const strippedNames =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|x-client-ip|x-cluster-client-ip|cf-connecting-ip|true-client-ip|x-original-.*|x-rewrite-.*|x-middleware-.*|x-nextjs-.*|x-invoke-.*|x-matched-path|x-now-route-matches|x-sluice-.*|x-nonce|content-security-policy(?:-report-only)?)$/i;

/** Deletes them from `headers` in place. */
export function stripClientHeaders(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers)) if (strippedNames.test(name)) delete headers[name];
}

/**
 * Policy of a page. Scripts run only with the nonce, or when such a script loads them. Style elements need the nonce too; style
 * attributes are allowed, since charts and positioned menus are laid out with them.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Policy of everything that is no page: nothing may be loaded or framed from it. */
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const oneYearSeconds = 31_536_000;
const always: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()',
};

/** Sets the hardening headers; `https` says whether browsers reach us over TLS, by us or by a proxy. */
export function secure(response: ServerResponse, policy: string, https: boolean): void {
  for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
  response.setHeader('content-security-policy', policy);
  if (https) response.setHeader('strict-transport-security', `max-age=${oneYearSeconds}`);
}
