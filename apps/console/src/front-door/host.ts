// Under which names the console may be asked for. A page of a foreign site can point its own name at this machine and then talk to us as
// "itself" (DNS rebinding), so a Host that we are not known under is refused before anything else happens. An address cannot be rebound.
import { isIP } from 'node:net';

const loopbackNames = new Set(['localhost', '127.0.0.1', '::1']);

/** Host header -> name without port and brackets, or null when it is not one. */
function nameOf(host: string): string | null {
  if (!/^[A-Za-z0-9.:[\]_-]{1,260}$/.test(host) || !URL.canParse(`http://${host}/`)) return null;
  return new URL(`http://${host}/`).hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

/** With a public URL: that host, and loopback for tools on this machine. Without one: localhost and any address literal. */
export function hostAllowed(host: string | undefined, publicUrl: string | null): boolean {
  const name = host === undefined ? null : nameOf(host);
  if (name === null) return false;
  if (loopbackNames.has(name)) return true;
  return publicUrl === null ? isIP(name) !== 0 : host?.toLowerCase() === new URL(publicUrl).host;
}
