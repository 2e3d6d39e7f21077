// One egress path to one open session: hosts in order, TLS where it can be had, plaintext where it cannot; and one transaction at a time
// over what was opened. Returns outcomes, never rejects, decides nothing about queues. RFC 5321 section 5.1.
import type { Outcome } from '../entry.ts';
import type {
  Attempter,
  Clock,
  ConnectResult,
  Dialer,
  DialResult,
  EgressPath,
  KeyStore,
  PathFailure,
  RouteHost,
  TlsSeen,
  Via,
} from '../ports.ts';
import { isEhloName, type Login } from '../smtp/index.ts';
import type { HostListener } from './connection-listener.ts';
import { Connection } from './connection.ts';
import { hostKey, openSession, restKey, type SiteMemory } from './delivery-session.ts';
import { detailOf, setupFailureOf } from './outcome.ts';
import { isShortage } from './shortage.ts';
import { ShortMemory } from './short-memory.ts';
import { createTlsPlanner, type TlsPlan } from './tls-plan.ts';

const MAX_HOSTS = 10;
/** After this no further host is begun: slow hosts one after another must not hold a place for an hour. */
const CONNECT_BUDGET_MS = 10 * 60_000;

export type AttempterOptions = {
  dialer: Dialer;
  clock: Clock;
  /** Opens client certificates. */
  keyStore?: KeyStore;
  /** PEM certificates that are trusted instead of the built-in ones. */
  trustedRoots?: readonly string[];
};
type ConnectOptions = AttempterOptions & { listen: HostListener | undefined };
type Tools = SiteMemory & { planner: ReturnType<typeof createTlsPlanner> };

type HostAttempt = ({ ok: true; connection: Connection } | { ok: false; failure: PathFailure; retryPlain: boolean }) & {
  seen?: TlsSeen | null;
};

/** The engine's way out. */
export function createAttempter(options: AttempterOptions): Attempter & { secretsChanged(): void } {
  const { clock } = options;
  const memory = { brokenTls: new ShortMemory(clock), unchained: new ShortMemory(clock), resting: new ShortMemory(clock) };
  const tools: Tools = { ...memory, planner: createTlsPlanner(options) };
  return {
    secretsChanged: () => tools.planner.forget(),
    async connect(path, hosts, listen): Promise<ConnectResult> {
      const startedAt = options.clock.monotonicMs();
      if (!isEhloName(ehloNameOf(path)))
        return { ok: false, failure: pathFailure(null, 'the EHLO name of the source is no domain name', 'other') };
      let failure: PathFailure = pathFailure(null, 'there is no host to try', 'dns');
      let reached = false;
      const tls: TlsSeen[] = [];
      for (const host of inOrder(path, hosts, tools.resting)) {
        const result = await connectHost(path, host, { ...options, listen }, tools);
        if (result.seen) tls.push(result.seen);
        if (result.ok) tools.resting.forget(restKey(path, host));
        else if (result.failure.pressure !== true) tools.resting.add(restKey(path, host), path.settings.hostRestSeconds * 1000);
        if (result.ok) return { ok: true, session: openSession(path, host, result.connection, tools), tls };
        if (result.failure.pressure) return { ok: false, failure: result.failure, tls };
        reached ||= result.failure.reached === true;
        // A host that spoke tells more than one that did not.
        if (result.failure.reply !== null || failure.reply === null) failure = result.failure;
        if (options.clock.monotonicMs() - startedAt > CONNECT_BUDGET_MS) break;
      }
      return { ok: false, failure: reached ? { ...failure, reached } : failure, tls };
    },
  };
}

function pathFailure(host: RouteHost | null, detail: string, bounceClass: Outcome['bounceClass']): PathFailure {
  const place = { mxHost: host?.name ?? null, remoteAddress: host?.address ?? null };
  return { kind: 'deferred', scope: 'path', reply: null, bounceClass, detail: detailOf(detail), dotSent: false, ...place };
}

const ehloNameOf = (path: EgressPath): string => path.settings.ehloName ?? path.source.ehloName;
const skipped = ({ settings }: EgressPath, host: RouteHost): boolean =>
  settings.skipHosts.length > 0 && (settings.skipHosts.includes(host.name) || settings.skipHosts.includes(host.address));

/** Hosts to try: those that failed a short while ago come last, each kind in the order of preference. RFC 5321 section 5.1 */
function inOrder(path: EgressPath, hosts: readonly RouteHost[], resting: ShortMemory): RouteHost[] {
  const wanted = hosts.filter((host) => !skipped(path, host));
  const rests = wanted.map((host) => resting.has(restKey(path, host)));
  return [...wanted.filter((_, index) => !rests[index]), ...wanted.filter((_, index) => rests[index])].slice(0, MAX_HOSTS);
}

async function connectHost(path: EgressPath, host: RouteHost, options: ConnectOptions, tools: Tools): Promise<HostAttempt> {
  const key = hostKey(host);
  const planned = tools.planner.plan(path.security, host);
  if (!planned.ok) return { ok: false, retryPlain: false, failure: pathFailure(host, planned.detail, 'tls') };
  const { plan } = planned;
  // Only where the mode allows plaintext anyway is a failure remembered or gone around. RFC 7435 section 3
  const plain: TlsPlan = { ...plan, wish: 'never' };
  const first = await attemptHost(path, host, options, plan.plaintextAfterFailure && tools.brokenTls.has(key) ? plain : plan);
  if (first.ok || !first.retryPlain || !plan.plaintextAfterFailure) return first;
  tools.brokenTls.add(key, path.security.rememberFailureMs);
  return { ...(await attemptHost(path, host, options, plain)), seen: first.seen ?? null };
}

/** The proxy with its password; opened for each connection, kept nowhere. */
export function viaOf(proxy: EgressPath['source']['proxy'], keyStore: KeyStore | undefined): Via | 'sealed' | null {
  if (!proxy) return null;
  const { kind, host, port, username, secretId } = proxy;
  if (secretId === null) return { kind, host, port, username: null, password: null };
  const plain = keyStore?.open(secretId);
  return plain ? { kind, host, port, username, password: Buffer.from(plain).toString() } : 'sealed';
}

/** The login that the settings ask for, its password opened for each connection, kept nowhere. */
function loginOf({ settings }: EgressPath, keyStore: KeyStore | undefined): Login | 'sealed' | null {
  const { authUsername: username, authSecretId, authWithoutTls: withoutTls } = settings;
  if (username === null) return null;
  const plain = authSecretId === null ? null : keyStore?.open(authSecretId);
  return plain ? { username, password: Buffer.from(plain).toString(), withoutTls } : 'sealed';
}

async function attemptHost(path: EgressPath, host: RouteHost, options: ConnectOptions, tls: TlsPlan): Promise<HostAttempt> {
  const { settings, source } = path;
  const place = { address: host.address, port: host.port, localAddress: source.bindAddress, ...(host.reach && { reach: host.reach }) };
  const via = viaOf(source.proxy, options.keyStore);
  const login = loginOf(path, options.keyStore);
  if (via === 'sealed' || login === 'sealed') {
    const whose = via === 'sealed' ? 'the proxy' : 'the login';
    return {
      ok: false,
      retryPlain: false,
      failure: pathFailure(host, `the password of ${whose} is not there or cannot be opened`, 'other'),
    };
  }
  const listener = options.listen?.(host);
  const dialled = await options.dialer.dial({ ...place, timeoutMs: settings.connectTimeoutMs, ...(via && { via }) });
  if (!dialled.ok) {
    listener?.refused(`${dialled.code}: ${dialled.message}`);
    const failure = pathFailure(host, `connect: ${dialled.code}: ${dialled.message}`, 'network');
    const pressure = isShortage(dialled.code, dialled.message);
    return { ok: false, retryPlain: false, failure: { ...failure, pressure, ...(!pressure && faultOf(dialled, host)) } };
  }
  listener?.connected();
  const connection = new Connection({
    socket: dialled.socket,
    hostName: host.name,
    ehloName: ehloNameOf(path),
    tls,
    clock: options.clock,
    ...{ settings, login, listener },
  });
  const setup = await connection.setup();
  if (setup.ok) return { ok: true, connection, seen: tls.wish === 'never' ? null : seenOf(host, connection) };
  connection.destroy();
  const outcome = setupFailureOf(setup.breakage, path.replyRules ?? []);
  const where = { mxHost: host.name, remoteAddress: host.address, tls: setup.tls?.facts ?? null };
  const bounceClass = setup.tls ? 'tls' : outcome.bounceClass;
  const seen = setup.tls && { host, trouble: setup.tls.kind, doubt: null, detail: setup.tls.detail };
  // Behind a proxy a connection alone shows no more than the proxy.
  const reached = via === null || outcome.reply !== null ? { reached: true as const } : {};
  return { ok: false, retryPlain: setup.tls !== null, failure: { ...outcome, ...where, ...reached, bounceClass }, seen };
}

/** What a failed dial says of the source; nothing where it was never tried. */
function faultOf({ code, atProxy }: Extract<DialResult, { ok: false }>, host: RouteHost): Pick<PathFailure, 'fault'> {
  if (code === 'EGRESS_REFUSED' || code === 'EAFNOSUPPORT') return {};
  // One that we ran out of ports for is a shortage, and known as such.
  const kind = atProxy ? 'proxy' : code === 'EADDRNOTAVAIL' ? 'address' : 'network';
  return { fault: { kind, host } };
}

/** TLS was wanted, and the session stands: with it, or in plaintext since the server has none. */
function seenOf(host: RouteHost, { tls, tlsDoubt }: Connection): TlsSeen {
  if (tls !== null) return { host, trouble: null, doubt: tlsDoubt, detail: '' };
  return { host, trouble: 'starttls-not-supported', doubt: null, detail: 'the server offers no STARTTLS' };
}
