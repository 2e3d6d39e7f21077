// The sandbox's names, and the lies a test may tell with them.
import { expect, test } from 'vitest';
import { decode, encode } from 'dns-packet';
import { answer, overrideKey, type DnsAnswer } from './answer.ts';
import { respond } from './wire.ts';
import { hosts } from '../hosts.ts';

const none = new Map<string, DnsAnswer>();
const mxOf = (domain: string) => {
  const given = answer(domain, 'MX', none);
  return given.kind === 'records' ? given.records.map((record) => (record.type === 'MX' ? record.data.exchange : '')) : given.kind;
};

test('providers keep their real MX names', () => {
  expect(mxOf('GMAIL.com.')).toEqual(['gmail-smtp-in.l.google.com', ...[1, 2, 3, 4].map((n) => `alt${n}.gmail-smtp-in.l.google.com`)]);
  expect(mxOf('yahoo.com')).toEqual([5, 6, 7].map((n) => `mta${n}.am0.yahoodns.net`));
  expect(mxOf('outlook.com')).toEqual(['outlook-com.olc.protection.outlook.com']);
  expect(mxOf('contoso.com')).toEqual(['contoso-com.mail.protection.outlook.com']);
});

test('every MX of every listed domain has an address, and every address is loopback', () => {
  for (const domain of [
    'gmail.com',
    'aol.com',
    'hotmail.com',
    'contoso.com',
    'fabrikam.com',
    'workspace.example',
    'corp.example',
    'dead.example',
    'silent.example',
    'anything.example',
  ]) {
    const exchanges = mxOf(domain);
    if (typeof exchanges === 'string') throw new Error(`${domain}: ${exchanges}`);
    for (const exchange of exchanges)
      expect(answer(exchange, 'A', none)).toMatchObject({
        kind: 'records',
        records: [{ type: 'A', data: expect.stringMatching(/^127\.1\./) }],
      });
  }
  expect(new Set(hosts.map((host) => host.address)).size).toBe(hosts.length);
});

test('a domain that nobody listed gets a plain host, always the same', () => {
  expect(mxOf('customer-shop.example')).toEqual(mxOf('customer-shop.example'));
  expect(mxOf('customer-shop.example')).toEqual([expect.stringMatching(/^mx[1-8]\.plain\.example$/)]);
});

test('there are names that do not exist, that fail, and that take no mail', () => {
  expect([mxOf('no.invalid'), mxOf('x.nx.example'), mxOf('servfail.example'), mxOf('nullmx.example')]).toEqual([
    'nxdomain',
    'nxdomain',
    'servfail',
    ['.'],
  ]);
});

test('a replaced answer is given for that type alone', () => {
  const lies = new Map<string, DnsAnswer>([
    [overrideKey('Gmail-smtp-in.l.google.com.', 'A'), { kind: 'records', records: [{ type: 'A', data: '192.0.2.1' }] }],
  ]);
  expect(answer('gmail-smtp-in.l.google.com', 'A', lies)).toMatchObject({ records: [{ data: '192.0.2.1' }] });
  expect(answer('gmail-smtp-in.l.google.com', 'AAAA', lies)).toEqual({ kind: 'none' });
});

const question = (type: 'MX' | 'TXT', name: string) => encode({ type: 'query', id: 7, flags: 0x100, questions: [{ type, name }] });

test('an answer too long for a datagram is cut, and whole over TCP', () => {
  const long = new Map<string, DnsAnswer>([
    [overrideKey('k.example', 'TXT'), { kind: 'records', records: [{ type: 'TXT', data: 'k'.repeat(3000) }] }],
  ]);
  const udp = respond(question('TXT', 'k.example'), long, 'udp');
  const tcp = respond(question('TXT', 'k.example'), long, 'tcp');
  if (!udp || !tcp) throw new Error('no response');
  expect(decode(udp)).toMatchObject({ flag_tc: true, answers: [] });
  const record = decode(tcp).answers?.[0];
  expect(record?.type === 'TXT' && Buffer.concat(record.data as Buffer[]).toString()).toBe('k'.repeat(3000));
});

test('nonsense never throws, and a response is never answered', () => {
  let state = 1;
  const octet = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >>> 16;
  for (let round = 0; round < 2_000; round++) {
    const packet = Buffer.from(Array.from({ length: octet() % 80 }, () => octet() & 0xff));
    expect(() => respond(packet, none, 'udp')).not.toThrow();
  }
  const response = respond(question('MX', 'gmail.com'), none, 'udp');
  expect(response && respond(response, none, 'udp')).toBeNull();
});
