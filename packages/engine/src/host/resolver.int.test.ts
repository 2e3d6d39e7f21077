// A DNS server of our own on loopback says each thing a resolver must tell apart.
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { decode, encode, type Answer, type Packet } from 'dns-packet';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createResolver, parseServer } from './resolver.ts';

type Script = (
  question: { name: string; type: string },
  over: 'udp' | 'tcp',
) => { rcode?: number; truncated?: boolean; answers?: Answer[]; authorities?: Answer[]; wrongId?: boolean; validated?: boolean } | null;
const open: (Socket | Server)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => new Promise<void>((resolve) => one.close(() => resolve()))));
});

async function dnsServer(script: Script): Promise<string> {
  const reply = (bytes: Buffer, over: 'udp' | 'tcp') => {
    const query = decode(bytes);
    const question = query.questions?.[0];
    const said = question ? script({ name: question.name, type: question.type }, over) : null;
    if (!said || !question) return null;
    const flags = (said.rcode ?? 0) | (said.truncated ? 0x200 : 0) | (said.validated ? 0x20 : 0) | 0x80;
    const packet: Packet = {
      type: 'response',
      id: ((query.id ?? 0) + (said.wrongId ? 1 : 0)) & 0xffff,
      flags,
      questions: [question],
      answers: said.answers ?? [],
      authorities: said.authorities ?? [],
    };
    return encode(packet);
  };
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const answer = reply(chunk.subarray(2), 'tcp');
      if (!answer) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      // Byte by byte would be slow; two pieces prove that the length prefix is honoured.
      socket.write(Buffer.concat([length, answer.subarray(0, 5)]));
      setTimeout(() => socket.end(answer.subarray(5)), 5);
    });
  });
  await new Promise<void>((done) => tcp.listen(0, '127.0.0.1', done));
  const port = (tcp.address() as AddressInfo).port;
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => {
    const answer = reply(bytes, 'udp');
    if (answer) udp.send(answer, from.port, from.address);
  });
  await new Promise<void>((done) => udp.bind(port, '127.0.0.1', done));
  open.push(tcp, udp);
  return `127.0.0.1:${port}`;
}

const resolverOn = (...servers: string[]) => createResolver({ servers, queryTimeoutMs: 200 }, systemClock);
const mx = (name: string, exchange: string, preference: number, ttl = 300): Answer => ({
  type: 'MX',
  name,
  ttl,
  data: { exchange, preference },
});

it('gives MX hosts in lower case with the shortest TTL', async () => {
  const server = await dnsServer(() => ({
    answers: [mx('a.example', 'MX1.A.example', 10, 300), mx('a.example', 'mx2.a.example', 20, 60)],
  }));
  expect(await resolverOn(server).mx('A.Example.')).toEqual({
    ok: true,
    ttlSeconds: 60,
    records: [
      { exchange: 'mx1.a.example', preference: 10 },
      { exchange: 'mx2.a.example', preference: 20 },
    ],
  });
});

it('believes a server that says it validated only where that server is trusted, of negative answers too', async () => {
  const server = await dnsServer(({ name }) => ({
    validated: name !== 'plain.example',
    answers: name === 'none.example' ? [] : [mx(name, 'mx.a.example', 10)],
  }));
  const trusting = createResolver({ servers: [server], trusted: true }, systemClock);
  expect(await trusting.mx('a.example')).toMatchObject({ ok: true, secure: true });
  expect(await trusting.mx('none.example')).toMatchObject({ ok: false, kind: 'none', secure: true });
  expect((await trusting.mx('plain.example')).secure).toBeUndefined();
  expect((await resolverOn(server).mx('a.example')).secure).toBeUndefined();
});

it('reads TXT records as one text each, and TLSA records', async () => {
  const data = Buffer.alloc(32, 7);
  const server = await dnsServer(({ name, type }) => ({
    answers:
      type === 'TXT'
        ? [{ type: 'TXT', name, ttl: 60, data: ['v=STSv1; ', 'id=1;'] }]
        : [{ type: 'TLSA', name, ttl: 60, data: { usage: 3, selector: 1, matchingType: 1, certificate: data } }],
  }));
  expect(await resolverOn(server).txt('_mta-sts.a.example')).toMatchObject({ records: ['v=STSv1; id=1;'] });
  const found = await resolverOn(server).tlsa('_25._tcp.mx.a.example');
  expect(found).toMatchObject({ ok: true, records: [{ usage: 3, selector: 1, matchingType: 1 }] });
  expect(found.ok && Buffer.from(found.records[0]?.data ?? []).equals(data)).toBe(true);
});

it('shows a null MX as an empty exchange', async () => {
  const server = await dnsServer(() => ({ answers: [mx('none.example', '.', 0)] }));
  expect(await resolverOn(server).mx('none.example')).toMatchObject({ ok: true, records: [{ exchange: '', preference: 0 }] });
});

it('tells "no such name" from "no such records", with the negative TTL of the SOA', async () => {
  const soa: Answer = {
    type: 'SOA',
    name: 'example',
    ttl: 900,
    data: { mname: 'ns.example', rname: 'root.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 120 },
  };
  const server = await dnsServer((question) => ({ rcode: question.name === 'gone.example' ? 3 : 0, authorities: [soa] }));
  expect(await resolverOn(server).mx('gone.example')).toMatchObject({ ok: false, kind: 'nxdomain', ttlSeconds: 120 });
  expect(await resolverOn(server).mx('bare.example')).toMatchObject({ ok: false, kind: 'none', ttlSeconds: 120 });
});

it('follows an alias and ignores records of other names', async () => {
  const server = await dnsServer(() => ({
    answers: [
      { type: 'A', name: 'evil.example', ttl: 5, data: '127.0.0.66' },
      { type: 'CNAME', name: 'a.example', ttl: 30, data: 'b.example' },
      { type: 'A', name: 'b.example', ttl: 90, data: '127.0.0.9' },
    ],
  }));
  expect(await resolverOn(server).addresses('a.example', 4)).toEqual({
    ...{ ok: true, records: ['127.0.0.9'], ttlSeconds: 30 },
    alias: { canonical: 'b.example', secure: false },
  });
});

it('asks whether an alias itself is validated when its end is not, and only a trusted server', async () => {
  const asked: string[] = [];
  const server = await dnsServer(({ name, type }) => {
    asked.push(type);
    const alias: Answer = { type: 'CNAME', name, ttl: 30, data: 'out.plain' };
    const own = { validated: name === 'signed.example', answers: [alias] };
    return type === 'CNAME' ? own : { answers: [alias, { type: 'A', name: 'out.plain', ttl: 90, data: '127.0.0.9' }] };
  });
  const trusting = createResolver({ servers: [server], trusted: true }, systemClock);
  const found = await trusting.addresses('signed.example', 4);
  expect(found).toMatchObject({ ok: true, alias: { canonical: 'out.plain', secure: true } });
  expect(found.secure).toBeUndefined();
  expect(await trusting.addresses('open.example', 4)).toMatchObject({ alias: { secure: false } });
  expect(asked).toEqual(['A', 'CNAME', 'A', 'CNAME']);
  await resolverOn(server).addresses('signed.example', 4);
  expect(asked).toHaveLength(5);
});

it('asks again over TCP when the answer was cut', async () => {
  const server = await dnsServer((_question, over) =>
    over === 'udp' ? { truncated: true } : { answers: [{ type: 'AAAA', name: 'a.example', ttl: 7, data: '::1' }] },
  );
  expect(await resolverOn(server).addresses('a.example', 6)).toEqual({ ok: true, records: ['::1'], ttlSeconds: 7 });
});

it('asks the next server after SERVFAIL or silence', async () => {
  const failing = await dnsServer(() => ({ rcode: 2 }));
  const silent = await dnsServer(() => null);
  const good = await dnsServer(() => ({ answers: [mx('a.example', 'mx.a.example', 1)] }));
  expect(await resolverOn(failing, silent, good).mx('a.example')).toMatchObject({ ok: true });
});

it('calls it temporary when no server gives a usable answer, forged ids included', async () => {
  const failing = await dnsServer(() => ({ rcode: 2 }));
  const forged = await dnsServer(() => ({ wrongId: true, answers: [mx('a.example', 'evil.example', 1)] }));
  expect(await resolverOn(failing).mx('a.example')).toMatchObject({ ok: false, kind: 'failed' });
  expect(await resolverOn(forged).mx('a.example')).toMatchObject({ ok: false, kind: 'failed' });
  expect(await resolverOn().mx('a.example')).toMatchObject({ ok: false, kind: 'failed', detail: expect.stringContaining('no DNS server') });
});

it('never asks for what is not a domain name', async () => {
  let asked = 0;
  const server = await dnsServer(() => {
    asked += 1;
    return { rcode: 2 };
  });
  for (const name of ['', 'a..b', 'a b', 'ünïcode.example', `${'x'.repeat(64)}.example`, 'a.example\n']) {
    expect(await resolverOn(server).mx(name)).toMatchObject({ ok: false, kind: 'nxdomain' });
  }
  expect(asked).toBe(0);
});

it('answers a thousand questions asked at once', async () => {
  const server = await dnsServer((question) => ({ answers: [mx(question.name, 'mx.a.example', 1)] }));
  const resolver = createResolver({ servers: [server] }, systemClock);
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => resolver.mx(`d${index}.example`)));
  expect(answers.filter((answer) => answer.ok).length).toBe(1000);
});

it('reads server addresses with and without a port', () => {
  expect(['1.2.3.4', '1.2.3.4:5353', '::1', '[::1]:5353', 'ns.example:53', '1.2.3.4:99999'].map(parseServer)).toEqual([
    { address: '1.2.3.4', port: 53 },
    { address: '1.2.3.4', port: 5353 },
    { address: '::1', port: 53 },
    { address: '::1', port: 5353 },
    null,
    null,
  ]);
});
