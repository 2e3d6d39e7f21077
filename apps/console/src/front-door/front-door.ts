// One request, from the socket to whoever answers it: Host check, own idea of the peer, headers a client may not set taken away; then
// health and /api to control's handlers, files and pages to Next. A page without a session is a way to the sign-in page.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import type { Peer } from '@sluice/control';
import { BodyTooLarge, lifetimeOf, sendResponse, toRequest } from './bridge.ts';
import { contentSecurityPolicy, dataPolicy, secure, stripClientHeaders } from './headers.ts';
import { hostAllowed } from './host.ts';
import { kindOf, signInUrl, type Kind } from './pages.ts';
import { isLoopback, peerAddress, plainAddress } from './peer.ts';

/** What the front door needs from the rest: control's end, Next's end, and what the settings say. */
export interface FrontDoor {
  readonly publicUrl: string | null;
  /** TLS on our own socket. */
  readonly tls: boolean;
  readonly trusted: BlockList;
  /** Answers /api, /healthz and /readyz; null when the path is none of its own. */
  readonly handle: (request: Request, peer: Peer) => Promise<Response | null>;
  readonly signedIn: (request: Request, peer: Peer) => Promise<boolean>;
  readonly page: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Aborted when the front door closes: ends event streams. */
  readonly closing: AbortSignal;
  readonly logError: (error: unknown, what: string) => void;
}

const maxUrlLength = 4096;
const nonceBytes = 16;

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.end(`${text}\n`);
}

function redirect(response: ServerResponse, to: string): void {
  response.setHeader('location', to);
  plain(response, 303, 'see other');
}

/** What browsers call us. Without a public URL it is the (checked) Host they used. */
function originOf(door: FrontDoor, incoming: IncomingMessage): string {
  return door.publicUrl ?? `${door.tls ? 'https' : 'http'}://${incoming.headers.host ?? 'localhost'}`;
}

async function toControl(door: FrontDoor, incoming: IncomingMessage, response: ServerResponse, peer: Peer): Promise<void> {
  const signal = lifetimeOf(response, door.closing);
  const request = await toRequest(incoming, originOf(door, incoming), signal);
  const answer = await door.handle(request, peer);
  if (answer === null) return plain(response, 404, 'not found');
  await sendResponse(answer, response, signal);
}

/** The request as far as a session lookup needs it: the headers, no body. */
function bare(door: FrontDoor, incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (const name of ['cookie', 'host', 'user-agent', 'authorization'] as const) {
    const value = incoming.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  return new Request(new URL('/', originOf(door, incoming)), { headers });
}

async function toPage(door: FrontDoor, kind: Kind, incoming: IncomingMessage, response: ServerResponse, peer: Peer): Promise<void> {
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return plain(response, 405, 'method not allowed');
  if (kind === 'asset') return door.page(incoming, response);
  const nonce = randomBytes(nonceBytes).toString('base64');
  const policy = contentSecurityPolicy(nonce);
  const known = await door.signedIn(bare(door, incoming), peer);
  const path = (incoming.url ?? '/').split('?')[0];
  if (kind === 'page' && !known) return redirect(response, signInUrl(withoutRscQuery(incoming.url ?? '/')));
  if (path === '/sign-in' && known) return redirect(response, '/');
  response.setHeader('content-security-policy', policy);
  response.setHeader('cache-control', 'no-store');
  // Next takes the nonce for its own scripts from the policy in the request's headers, and pages read x-nonce.
  incoming.headers['content-security-policy'] = policy;
  incoming.headers['x-nonce'] = nonce;
  await door.page(incoming, response);
}

/** Client-side navigation adds `_rsc=...`; it is not part of the page's address. */
function withoutRscQuery(pathAndQuery: string): string {
  const url = new URL(pathAndQuery, 'http://local.invalid');
  if (!url.searchParams.has('_rsc')) return pathAndQuery;
  url.searchParams.delete('_rsc');
  return `${url.pathname}${url.search}`;
}

/** `loopback` only where nothing says that a proxy on this machine stands between: the local token is taken from such peers alone. */
function peerOf(door: FrontDoor, incoming: IncomingMessage): Peer {
  const socketAddress = incoming.socket.remoteAddress ?? '';
  const forwarded = incoming.headers['x-forwarded-for'];
  const forwardedFor = Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? null);
  const direct = forwardedFor === null && incoming.headers.forwarded === undefined && incoming.headers.via === undefined;
  return { address: peerAddress(socketAddress, forwardedFor, door.trusted), loopback: direct && isLoopback(plainAddress(socketAddress)) };
}

async function answer(door: FrontDoor, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const peer = peerOf(door, incoming);
  stripClientHeaders(incoming.headers);
  secure(response, dataPolicy, door.tls || (door.publicUrl?.startsWith('https:') ?? false));
  const url = incoming.url ?? '/';
  if (!url.startsWith('/') || url.startsWith('//') || url.length > maxUrlLength) return plain(response, 400, 'bad request');
  const kind = kindOf(url.split('?')[0] ?? '/');
  if (kind !== 'health' && !hostAllowed(incoming.headers.host, door.publicUrl)) {
    return plain(response, 421, 'this console is not known under that name; SLUICE_PUBLIC_URL sets it');
  }
  if (kind === 'api' || kind === 'health') return toControl(door, incoming, response, peer);
  return toPage(door, kind, incoming, response, peer);
}

function failed(door: FrontDoor, error: unknown, response: ServerResponse): void {
  const tooLarge = error instanceof BodyTooLarge;
  if (!tooLarge && !response.destroyed) door.logError(error, 'request failed');
  if (response.headersSent) return void response.destroy();
  response.setHeader('connection', 'close');
  plain(response, tooLarge ? 413 : 500, tooLarge ? 'body too large' : 'internal error');
}

export function frontDoor(door: FrontDoor): RequestListener {
  return (incoming, response) => {
    answer(door, incoming, response).catch((error: unknown) => failed(door, error, response));
  };
}
