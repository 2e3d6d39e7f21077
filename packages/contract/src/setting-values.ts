// How the text of one environment variable becomes a value. Each reader answers with the value or with the rest of the sentence
// "NAME ..." that tells the operator what to write instead; it never repeats what was written, since that may be a secret.
import { isIP } from 'node:net';
import { z } from 'zod';

export type Reading<T> = { ok: true; value: T } | { ok: false; problem: string };
export type Reader<T> = (text: string) => Reading<T>;

const good = <T>(value: T): Reading<T> => ({ ok: true, value });
const bad = (problem: string): Reading<never> => ({ ok: false, problem });

const maxTextLength = 4096;
const keyBytes = 32;

export const text: Reader<string> = (value) =>
  value.length <= maxTextLength ? good(value) : bad(`is longer than ${maxTextLength} characters`);

/** At least `length` characters: shorter ones could be guessed. */
export const longText =
  (length: number): Reader<string> =>
  (value) =>
    value.length >= length ? text(value) : bad(`must have at least ${length} characters`);

/** 0 lets the system choose a free one. */
export const port: Reader<number> = (value) => {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  return number <= 65535 ? good(number) : bad('must be a port number, 0 to 65535');
};

const maxMebibytes = 1024 * 1024;

export const mebibytes: Reader<number> = (value) => {
  const number = /^\d{1,7}$/.test(value) ? Number(value) : NaN;
  return number >= 1 && number <= maxMebibytes ? good(number) : bad(`must be a number of mebibytes, 1 to ${maxMebibytes}`);
};

const maxPerSecond = 1_000_000;

export const perSecond: Reader<number> = (value) => {
  const number = /^\d{1,7}$/.test(value) ? Number(value) : NaN;
  return number >= 1 && number <= maxPerSecond ? good(number) : bad(`must be a number a second, 1 to ${maxPerSecond}`);
};

/** 0 sets no limit. */
export const perSecondOrNone: Reader<number> = (value) => {
  const number = /^\d{1,7}$/.test(value) ? Number(value) : NaN;
  return number <= maxPerSecond ? good(number) : bad(`must be a number a second, 0 (no limit) to ${maxPerSecond}`);
};

export const address: Reader<string> = (value) => (isIP(value) ? good(value) : bad('must be an IP address, such as 127.0.0.1 or 0.0.0.0'));

export const flag: Reader<boolean> = (value) => {
  if (value === '1' || value === 'true') return good(true);
  if (value === '0' || value === 'false') return good(false);
  return bad('must be 1 or 0');
};

export function oneOf<const T extends readonly string[]>(values: T): Reader<T[number]> {
  return (value) => {
    const found = values.find((candidate) => candidate === value);
    return found === undefined ? bad(`must be ${values.join(' or ')}`) : good(found);
  };
}

export const nodeName: Reader<string> = (value) =>
  /^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/.test(value) ? good(value) : bad('must be 1 to 64 of a-z, 0-9, dot and hyphen');

export const email: Reader<string> = (value) =>
  z.email().max(254).safeParse(value).success ? good(value) : bad('must be an e-mail address');

/** `http(s)://host[:port]` and nothing behind it; answered without a trailing slash. */
export const origin: Reader<string> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : null;
  const plain =
    url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search + url.hash + url.username + url.password === '';
  return plain ? good(url.origin) : bad('must be an address such as https://mail.example.com, without a path');
};

export const postgresUrl: Reader<string> = (value) =>
  URL.canParse(value) && /^postgres(?:ql)?:$/.test(new URL(value).protocol) ? good(value) : bad('must be a postgresql:// address');

const isNetwork = (value: string): boolean => {
  const [base = '', prefix, ...rest] = value.split('/');
  const family = isIP(base);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
};

/** Addresses and CIDR blocks, separated by commas. */
export const networks: Reader<string[]> = (value) => {
  const list = value.split(',').map((item) => item.trim());
  return list.every(isNetwork) ? good(list) : bad('must be IP addresses or CIDR blocks separated by commas');
};

export const key32: Reader<Uint8Array> = (value) => {
  const bytes = Buffer.from(value, 'base64');
  const exact = /^[A-Za-z0-9+/_-]+={0,2}$/.test(value) && bytes.length === keyBytes;
  return exact ? good(new Uint8Array(bytes)) : bad(`must be ${keyBytes} bytes in base64 (openssl rand -base64 ${keyBytes})`);
};

/** `address:port`, IPv6 in brackets. */
export const hostAndPort: Reader<{ host: string; port: number }> = (value) => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value);
  const host = match?.[1] ?? match?.[2] ?? '';
  const number = Number(match?.[3] ?? NaN);
  return isIP(host) && number >= 1 && number <= 65535
    ? good({ host, port: number })
    : bad('must be an IP address and a port, such as 127.0.0.1:5353');
};
