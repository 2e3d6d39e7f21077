// IP literals as bytes, so that "is this loopback?" is decided on what the kernel would connect to and never on how it was spelled.
// An IPv4-mapped IPv6 literal is the IPv4 address it stands for. RFC 4291 section 2.5.5.2.
import { isIP, isIPv4 } from 'node:net';

export type IpLiteral = { family: 4 | 6; bytes: Uint8Array; text: string };

function ipv4Bytes(text: string): number[] {
  return text.split('.').map(Number);
}

/** The 16 bytes of a literal that `isIP` called IPv6 and that carries no zone. */
function ipv6Bytes(text: string): number[] {
  const lastColon = text.lastIndexOf(':');
  const tail = text.slice(lastColon + 1);
  let source = text;
  if (isIPv4(tail)) {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(tail);
    source = `${text.slice(0, lastColon + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head = '', rest] = source.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const left = groups(head);
  const right = rest === undefined ? [] : groups(rest);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 255]);
}

/** Reads an IP literal; null for anything else: names, zones (`fe80::1%eth0`), spaces, short forms such as `127.1`. */
export function parseIp(text: string): IpLiteral | null {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 4) return { family: 4, bytes: Uint8Array.from(ipv4Bytes(text)), text };
  if (family !== 6) return null;
  const bytes = ipv6Bytes(text);
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (!mapped) return { family: 6, bytes: Uint8Array.from(bytes), text };
  const v4 = bytes.slice(12);
  return { family: 4, bytes: Uint8Array.from(v4), text: v4.join('.') };
}

/** 127.0.0.0/8 or ::1. RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3. */
export function isLoopback(ip: IpLiteral): boolean {
  if (ip.family === 4) return ip.bytes[0] === 127;
  return ip.bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

/** Addresses that name no single host: unspecified, multicast, broadcast and the rest of 0/8 and 224/3. */
export function isUnicastHost(ip: IpLiteral): boolean {
  const first = ip.bytes[0] ?? 0;
  if (ip.family === 4) return first !== 0 && first < 224;
  return first !== 255 && ip.bytes.some((byte) => byte !== 0);
}
