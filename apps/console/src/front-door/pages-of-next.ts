// Next's end: a handler for pages and their files, made once. Next is loaded with require, since it is CommonJS whose types say otherwise.
import type { IncomingMessage, ServerResponse } from 'node:http';

type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
type Next = (options: { dev: false; dir: string; quiet: boolean }) => { prepare(): Promise<void>; getRequestHandler(): PageHandler };

/** `dir` holds the built `.next`. Rejects when there is none. */
export async function nextPages(dir: string, load: NodeJS.Require): Promise<PageHandler> {
  const next = load('next') as Next;
  const app = next({ dev: false, dir, quiet: true });
  await app.prepare();
  return app.getRequestHandler();
}
