// What is said to a proxy before SMTP begins. HAProxy's PROXY protocol, version 2: one header that names the source address to go out from
// and the host to reach. SOCKS5 (RFC 1928, RFC 1929): a short dialogue, after which the proxy has connected or says why not.
import type { Socket } from 'node:net';
import type { Via } from '../ports.ts';
import type { IpLiteral } from './address.ts';

type Route = { local: IpLiteral; remote: IpLiteral; port: number };
/** `atProxy`: the proxy itself does not take us. */
export type Greeted = { ok: true } | { ok: false; code: string; message: string; atProxy?: true };

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const versionAndProxy = 0x21;
const overIpv4 = 0x11;
const overIpv6 = 0x21;

/** PROXY protocol version 2, section 2.2. The source port is the proxy's to choose. */
export function haproxyHeader({ local, remote, port }: Route): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 2);
  const addresses = Buffer.concat([local.bytes, remote.bytes, ports]);
  const head = Buffer.from([versionAndProxy, remote.family === 4 ? overIpv4 : overIpv6, 0, 0]);
  head.writeUInt16BE(addresses.length, 2);
  return Buffer.concat([signature, head, addresses]);
}

// RFC 1928
const version = 5;
const noLogin = 0;
const byPassword = 2;
const connectCommand = 1;
const ipv4Type = 1;
const nameType = 3;
const ipv6Type = 4;
const passwordVersion = 1; // RFC 1929
/** RFC 1928 section 6. */
const refusals = [
  'succeeded',
  'general failure',
  'not allowed by its rules',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'time to live expired',
  'command not supported',
  'address type not supported',
];

const failed = (message: string): Greeted => ({ ok: false, code: 'EPROXY', message: `SOCKS5: ${message}` });
const refusedUs = (message: string): Greeted => ({ ok: false, code: 'EPROXY', message: `SOCKS5: ${message}`, atProxy: true });

/** Reads exactly what is asked for; what comes after stays in the socket, for it may be the server's greeting. */
async function read(socket: Socket, count: number): Promise<Buffer | null> {
  for (;;) {
    const bytes: unknown = socket.read(count);
    if (Buffer.isBuffer(bytes)) return bytes.length === count ? bytes : null;
    if (socket.readableEnded || socket.destroyed) return null;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        for (const event of ['readable', 'end', 'close', 'error']) socket.off(event, go);
        resolve();
      };
      for (const event of ['readable', 'end', 'close', 'error']) socket.once(event, go);
    });
  }
}

async function logIn(socket: Socket, { username, password }: Via): Promise<Greeted> {
  const [name, secret] = [Buffer.from(username ?? ''), Buffer.from(password ?? '')];
  if (name.length === 0 || name.length > 255 || secret.length === 0 || secret.length > 255)
    return refusedUs('a login is 1 to 255 octets of name and password');
  socket.write(Buffer.concat([Buffer.from([passwordVersion, name.length]), name, Buffer.from([secret.length]), secret]));
  const answer = await read(socket, 2);
  return answer?.[1] === 0 ? { ok: true } : refusedUs(answer ? 'the login is refused' : 'the proxy closed during the login');
}

/** The beginning of the dialogue, up to the login: nothing is asked of the proxy yet. The caller bounds its time. */
export async function socksLogin(socket: Socket, via: Via): Promise<Greeted> {
  const methods = via.username === null ? [noLogin] : [noLogin, byPassword];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  const method = await read(socket, 2);
  if (!method) return refusedUs('the proxy closed without an answer');
  if (method[0] !== version) return refusedUs('the peer speaks something else');
  const chosen = method[1] ?? 0xff;
  if (!methods.includes(chosen)) return refusedUs('the proxy takes none of our ways to log in');
  return chosen === byPassword ? logIn(socket, via) : { ok: true };
}

/** Takes the socket through the whole dialogue. The caller bounds its time. */
export async function socksGreeting(socket: Socket, { remote, port }: Route, via: Via): Promise<Greeted> {
  const login = await socksLogin(socket, via);
  if (!login.ok) return login;
  const target = Buffer.alloc(2);
  target.writeUInt16BE(port);
  const type = remote.family === 4 ? ipv4Type : ipv6Type;
  socket.write(Buffer.concat([Buffer.from([version, connectCommand, 0, type]), remote.bytes, target]));
  const head = await read(socket, 4);
  if (!head) return failed('the proxy closed without connecting');
  const refusal = head[1] ?? 1;
  if (refusal !== 0) return failed(refusals[refusal] ?? `refused with code ${refusal}`);
  const bound = await boundLength(socket, head[3] ?? 0);
  if (bound === null || !(await read(socket, bound + 2))) return failed('the answer of the proxy is cut');
  return { ok: true };
}

/** Octets of the address that the proxy went out from. RFC 1928 section 6. */
async function boundLength(socket: Socket, type: number): Promise<number | null> {
  if (type === ipv4Type) return 4;
  if (type === ipv6Type) return 16;
  return type === nameType ? ((await read(socket, 1))?.[0] ?? null) : null;
}
