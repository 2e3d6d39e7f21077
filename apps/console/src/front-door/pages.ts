// Which requests are pages, and which of them anyone may see. Everything not named here needs a session.
export type Kind = 'api' | 'health' | 'asset' | 'open-page' | 'page';

const openPages = new Set(['/sign-in', '/setup', '/invitation']);
const openFiles = /^\/(?:_next\/static\/.+|icon\.svg|favicon\.ico|robots\.txt)$/;

/** `path` is the path of the URL, decoded by nobody: `/%61pi` is a page that does not exist, not /api. */
export function kindOf(path: string): Kind {
  if (path === '/healthz' || path === '/readyz') return 'health';
  if (path === '/api' || path.startsWith('/api/')) return 'api';
  if (openFiles.test(path) && !path.includes('..')) return 'asset';
  return openPages.has(path) ? 'open-page' : 'page';
}

/** Where a signed-out visitor is sent; the page asked for comes along, so that signing in ends there. */
export function signInUrl(pathAndQuery: string): string {
  return pathAndQuery === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(pathAndQuery)}`;
}

/** The page to go to after signing in: only ever one of ours. */
export function safeNext(next: string | null): string {
  if (next === null || !/^\/(?![/\\])[^\\\u0000-\u001f]*$/.test(next)) return '/';
  return openPages.has(next.split(/[?#]/)[0] ?? '') ? '/' : next;
}
