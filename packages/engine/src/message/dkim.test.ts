// Our signatures against an independent verifier, over messages no one would write by hand.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, it } from 'vitest';
import type { ContentFacts, RecipientEntry } from '../entry.ts';
import { relaxedBodyHash, RelaxedBodyHash } from './body-hash.ts';
import { scanHeader } from './header.ts';
import { makeSignature, type SignatureMaker } from './signature.ts';
import { createSigner } from './signer.ts';
import { randomBody, randomHeader, seeded } from './testing.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const fakeClock = { nowMs: () => Date.UTC(2026, 10, 23), monotonicMs: () => 0, setTimer: () => () => undefined };

const inPlace: SignatureMaker = { make: async (job) => makeSignature(job) };

function entryOf(messageId: string): RecipientEntry {
  const fixed = {
    streamId: 's',
    campaign: null,
    sender: '',
    recipient: 'a@b.example',
    domain: 'b.example',
    content: { segment: 1, offset: 0, length: 1 },
  };
  const times = {
    acceptedAt: 0,
    expiresAt: 1,
    attempts: 0,
    dueAt: 0,
    lastSourceId: null,
    dotSent: false,
    delayReported: false,
    options: null,
  };
  return { entryId: `${messageId}.0`, messageId, tenantId: 't', poolId: null, dsn: null, egress: 'sandbox', ...fixed, ...times };
}

function factsOf(bytes: Buffer): ContentFacts {
  const scan = scanHeader(bytes);
  if (!scan.ok) throw new Error(scan.message);
  const bodyHash = relaxedBodyHash(bytes.subarray(scan.headerBytes));
  return {
    sizeBytes: bytes.length,
    headerBytes: scan.headerBytes,
    bodyHash,
    eightBit: false,
    utf8: false,
    fromDomain: 'sender.example',
    headerMessageId: null,
  };
}

const signer = (key: KeyObject | null = privateKey) =>
  createSigner({
    keyFor: (_tenant, domain) => (key ? { selector: 'sel1', domain, privateKey: key } : null),
    clock: fakeClock,
    maker: inPlace,
  });

async function verdict(message: Buffer): Promise<{ result: string | undefined; comment: string | undefined }> {
  const checked = await dkimVerify(message, { resolver: async () => [[record]], curTime: new Date(fakeClock.nowMs()) });
  return { result: checked.results[0]?.status.result, comment: checked.results[0]?.status.comment };
}

async function signed(message: string, id = 'm'): Promise<Buffer> {
  const bytes = Buffer.from(message, 'utf8');
  return Buffer.concat([await signer().sign(factsOf(bytes), bytes, entryOf(id)), bytes]);
}

describe('signatures verify', () => {
  it('for 300 random messages', async () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const rng = seeded(seed);
      const message = `${randomHeader(rng)}\r\n${randomBody(rng)}`;
      expect({ seed, message, ...(await verdict(await signed(message))) }).toMatchObject({ seed, result: 'pass' });
    }
  }, 60_000);

  it.each([
    ['an empty body', 'From: jo@sender.example\r\nSubject: x\r\n\r\n'],
    ['a body of empty lines', 'From: jo@sender.example\r\n\r\n\r\n\r\n \t\r\n\r\n'],
    ['a body without a final line end', 'From: jo@sender.example\r\n\r\nno end'],
    ['trailing white space everywhere', 'From: jo@sender.example \t\r\nSubject:  a \t b  \r\n\r\nline \t \r\n  x  y  \r\n \r\n'],
    ['very long lines', `From: jo@sender.example\r\nSubject: ${'s'.repeat(900)}\r\n\r\n${'b'.repeat(50_000)}\r\n`],
    ['repeated fields', 'Subject: one\r\nTo: a@x.example\r\nFrom: jo@sender.example\r\nSubject: two\r\nTo: b@x.example\r\n\r\nx\r\n'],
    ['an empty field', 'From: jo@sender.example\r\nSubject:\r\nCc: \r\n\r\nx\r\n'],
    ['8-bit text', 'From: Jö <jo@sender.example>\r\nSubject: grüße\r\n\r\nübel ÿ\r\n'],
  ])('with %s', async (_name, message) => {
    expect(await verdict(await signed(message))).toMatchObject({ result: 'pass' });
  });
});

describe('what a signature protects', () => {
  const plain = 'From: jo@sender.example\r\nSubject: one\r\n\r\nbody\r\n';
  it.each(['From: evil@other.example\r\n', 'Subject: two\r\n', 'To: x@y.example\r\n', 'Date: now\r\n', 'Content-Type: text/html\r\n'])(
    'fails when %j is put in front',
    async (field) => {
      const message = await signed(plain);
      expect((await verdict(Buffer.concat([Buffer.from(field), message]))).result).not.toBe('pass');
    },
  );

  it('fails when one octet of body or covered header changes', async () => {
    const text = (await signed(plain)).toString('latin1');
    expect((await verdict(Buffer.from(text.replace('body', 'bodz'), 'latin1'))).result).not.toBe('pass');
    expect((await verdict(Buffer.from(text.replace('Subject: one', 'Subject: onE'), 'latin1'))).result).not.toBe('pass');
  });

  it('keeps the field within the line limit and folded', async () => {
    const text = (await signed(plain)).toString('latin1');
    const field = text.slice(0, text.indexOf('From:'));
    expect(Math.max(...field.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
  });
});

describe('the body hash', () => {
  it('is the same however the body is cut', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const rng = seeded(seed);
      const body = Buffer.from(randomBody(rng, true), 'utf8');
      const whole = relaxedBodyHash(body);
      for (let cut = 0; cut <= body.length; cut += 1 + Math.floor(rng() * 7)) {
        const hash = new RelaxedBodyHash();
        hash.update(body.subarray(0, cut));
        hash.update(body.subarray(cut));
        expect(hash.digest()).toBe(whole);
      }
    }
  });

  it('is that of the canonical text', () => {
    const sha = (text: string) => relaxedBodyHash(Buffer.from(text));
    expect(sha('')).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='); // RFC 6376 section 3.4.4: the empty body
    expect(sha('\r\n\r\n')).toBe(sha(''));
    expect(sha(' \t \r\n \r\n')).toBe(sha(''));
    expect(sha('a')).toBe(sha('a\r\n'));
    expect(sha('a \t b\t\r\n\r\n\r\n')).toBe(sha('a b\r\n'));
    expect(sha(' a')).not.toBe(sha('a'));
    expect(sha('a\r\n\r\nb')).not.toBe(sha('a\r\nb'));
    expect(sha('a\rb\r\n')).not.toBe(sha('ab\r\n'));
  });

  it('copes with bodies larger than its buffer', () => {
    const body = Buffer.from(`${'word '.repeat(40_000)}\r\n\r\n${'y'.repeat(100_000)}`);
    const hash = new RelaxedBodyHash();
    for (let at = 0; at < body.length; at += 65_536) hash.update(body.subarray(at, at + 65_536));
    expect(hash.digest()).toBe(relaxedBodyHash(body));
  });
});

describe('the signer', () => {
  const bytes = Buffer.from('From: jo@sender.example\r\n\r\nx\r\n');
  it('adds nothing without a key', async () => {
    expect(await signer(null).sign(factsOf(bytes), bytes, entryOf('m'))).toHaveLength(0);
  });

  it('never sends unsigned what has a key that cannot be had now', async () => {
    const locked = createSigner({ keyFor: () => 'unavailable', clock: fakeClock, maker: inPlace });
    await expect(locked.sign(factsOf(bytes), bytes, entryOf('m'))).rejects.toThrow('the signing key is not available');
  });

  it('signs a content once for many recipients, and again for another content', async () => {
    const one = createSigner({ keyFor: (_tenant, domain) => ({ selector: 's', domain, privateKey }), clock: fakeClock, maker: inPlace });
    const [first, second, other] = [
      one.sign(factsOf(bytes), bytes, entryOf('m')),
      one.sign(factsOf(bytes), bytes, entryOf('m')),
      one.sign(factsOf(bytes), bytes, entryOf('n')),
    ];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    await Promise.all([first, other]);
  });

  it('signs again with a new key after a rotation', async () => {
    let selector = 'old';
    const one = createSigner({ keyFor: (_tenant, domain) => ({ selector, domain, privateKey }), clock: fakeClock, maker: inPlace });
    const before = await one.sign(factsOf(bytes), bytes, entryOf('m'));
    selector = 'new';
    const after = await one.sign(factsOf(bytes), bytes, entryOf('m'));
    expect(Buffer.from(before).toString()).toContain('s=old;');
    expect(Buffer.from(after).toString()).toContain('s=new;');
  });

  it('rejects when the key cannot sign, and tries again next time', async () => {
    const broken = createSigner({
      keyFor: (_tenant, domain) => ({ selector: 's', domain, privateKey: publicKey }),
      clock: fakeClock,
      maker: inPlace,
    });
    await expect(broken.sign(factsOf(bytes), bytes, entryOf('m'))).rejects.toThrow();
    await expect(broken.sign(factsOf(bytes), bytes, entryOf('m'))).rejects.toThrow();
  });
});
