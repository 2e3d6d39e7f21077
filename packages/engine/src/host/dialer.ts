// The only door through which the engine opens a connection to a mail host. It takes literal addresses, so no name is ever looked up
// here; in sandbox mode it refuses whatever is not loopback before a socket exists, whatever DNS, a route or a bug asked for.
import { connect, type Socket } from 'node:net';
import type { EgressMode } from '../entry.ts';
import type { Clock, Dialer, DialResult, Via } from '../ports.ts';
import { isLoopback, isUnicastHost, parseIp, type IpLiteral } from './address.ts';
import { systemClock } from './clock.ts';
import { haproxyHeader, socksGreeting } from './proxy.ts';
import { unreachable, type Reach } from './reach.ts';

const SMTP_PORT = 25;

export type DialerOptions = {
  egress: EgressMode;
  /** Port to which 25 is mapped in sandbox mode; never used in internet mode. */
  sandboxSmtpPort: number | null;
  /** Where this installation itself takes mail: a loop would end there. */
  ownListeners?: () => readonly { address: string; port: number }[];
  clock?: Clock;
};

type Target =
  | { ok: true; remote: IpLiteral; local: IpLiteral; port: number; proxy: { ip: IpLiteral; via: Via } | null }
  | { ok: false; code: string; message: string };

type Allowed = Extract<Target, { ok: true }>;

/** Decides what may be dialled, without touching the network. */
export function dialTarget(
  request: { address: string; port: number; localAddress: string; reach?: Reach; via?: Via },
  options: DialerOptions,
): Target {
  const remote = parseIp(request.address);
  const sandbox = options.egress === 'sandbox';
  if (!remote) return { ok: false, code: 'EGRESS_REFUSED', message: 'not an IP address' };
  if (!isUnicastHost(remote)) return { ok: false, code: 'EGRESS_REFUSED', message: `${remote.text} is not the address of a host` };
  if (sandbox && !isLoopback(remote)) return { ok: false, code: 'EGRESS_REFUSED', message: `sandbox: ${remote.text} is not loopback` };
  const why = sandbox ? null : (unreachable(remote, request.reach ?? 'public') ?? ownListener(remote, request.port, options));
  if (why !== null) return { ok: false, code: 'EGRESS_REFUSED', message: why };
  const local = parseIp(request.localAddress);
  if (!local) return { ok: false, code: 'EGRESS_REFUSED', message: 'bind address is not an IP address' };
  if (local.family !== remote.family) return { ok: false, code: 'EAFNOSUPPORT', message: `cannot reach ${remote.text} from ${local.text}` };
  const port = sandbox && request.port === SMTP_PORT && options.sandboxSmtpPort !== null ? options.sandboxSmtpPort : request.port;
  const { via } = request;
  if (!via) return { ok: true, remote, local, port, proxy: null };
  const ip = parseIp(via.host);
  const badProxy = !ip || !isUnicastHost(ip) || (sandbox && !isLoopback(ip));
  if (badProxy) return { ok: false, code: 'EGRESS_REFUSED', message: `proxy ${via.host} ${sandbox ? 'is not loopback' : 'is no host'}` };
  return { ok: true, remote, local, port, proxy: { ip, via } };
}

function ownListener(remote: IpLiteral, port: number, { ownListeners }: DialerOptions): string | null {
  const own = ownListeners?.().some((listener) => listener.port === port && parseIp(listener.address)?.text === remote.text);
  return own ? `${remote.text} port ${port} is our own listener` : null;
}

/** Opens TCP connections from a chosen local address. Failures are values; a socket that failed is destroyed. */
export function createDialer(options: DialerOptions): Dialer {
  const clock = options.clock ?? systemClock;
  return {
    dial(request) {
      const target = dialTarget(request, options);
      if (!target.ok) return Promise.resolve(target);
      return open(target, request.timeoutMs, clock);
    },
  };
}

/** The proxy chooses where it goes out from, so nothing is bound on the way to it. */
function socketTo({ remote, local, port, proxy }: Allowed): Socket {
  const common = { autoSelectFamily: false, noDelay: true, keepAlive: true } as const;
  if (proxy) return connect({ ...common, host: proxy.ip.text, port: proxy.via.port, family: proxy.ip.family });
  return connect({ ...common, host: remote.text, port, localAddress: local.text, family: remote.family });
}

function open(target: Allowed, timeoutMs: number, clock: Clock): Promise<DialResult> {
  return new Promise((resolve) => {
    const socket = socketTo(target);
    const settle = (result: DialResult) => {
      cancel();
      socket.off('connect', connected);
      socket.off('error', failed);
      // Whoever takes the socket over may be late with a listener of its own; an error without any would end the process.
      socket.on('error', () => undefined);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    const connected = () => {
      const { proxy } = target;
      if (!proxy) return settle({ ok: true, socket });
      if (proxy.via.kind === 'haproxy') {
        socket.write(haproxyHeader(target));
        return settle({ ok: true, socket });
      }
      void socksGreeting(socket, target, proxy.via).then((greeted) => settle(greeted.ok ? { ok: true, socket } : greeted));
    };
    // Once there is a connection to the proxy, it may be the host that keeps us waiting.
    const atProxy = () => (target.proxy && socket.connecting ? { atProxy: true as const } : {});
    const failed = (error: NodeJS.ErrnoException) =>
      settle({ ok: false, code: error.code ?? 'ECONNECTION', message: error.message, ...(target.proxy && { atProxy: true }) });
    const cancel = clock.setTimer(timeoutMs, () =>
      settle({ ok: false, code: 'ETIMEDOUT', message: `no connection after ${timeoutMs} ms`, ...atProxy() }),
    );
    socket.on('connect', connected);
    socket.on('error', failed);
  });
}
