// The document as it is kept in docs/, and the page made from it once. Open to anyone who reaches the port: it says what the software can
// do, and nothing of this installation.
import { readFile } from 'node:fs/promises';
import { documentFile } from './files.ts';
import type { JsonObject } from './json-schema.ts';
import { docsPage, pagePolicy } from './page.ts';

export const documentPath = '/api/openapi.json';
export const docsPath = '/api/docs';

interface Kept {
  readonly text: string;
  page: string | null;
}
let kept: Promise<Kept> | null = null;

async function load(): Promise<Kept> {
  kept ??= readFile(documentFile, 'utf8').then((text) => ({ text, page: null }));
  return kept;
}

const headers = { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' };

/** Null: another path. */
export async function serveDocument(pathname: string): Promise<Response | null> {
  if (pathname !== documentPath && pathname !== docsPath) return null;
  const loaded = await load();
  if (pathname === documentPath)
    return new Response(loaded.text, { headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } });
  loaded.page ??= docsPage(JSON.parse(loaded.text) as JsonObject);
  return new Response(loaded.page, {
    headers: { ...headers, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': pagePolicy },
  });
}
