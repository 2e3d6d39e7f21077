// What we add to a submission, what we take away, and that nothing else changes.
import { describe, expect, it } from 'vitest';
import { randomBody, randomHeader, seeded } from './testing.ts';
import { prepareSubmission } from './submission.ts';
import { buildReceived, formatDate, type ReceivedFacts } from './trace.ts';

const nowMs = Date.UTC(2026, 10, 23, 18, 17, 25);
const facts: ReceivedFacts = {
  helo: 'client.example',
  clientAddress: '192.0.2.1',
  host: 'mail.example',
  protocol: 'ESMTPSA',
  id: 'abc',
  recipient: null,
  tls: null,
  atMs: nowMs,
};
const received = buildReceived(facts);
const prepare = (text: string) =>
  prepareSubmission({ bytes: Buffer.from(text, 'utf8'), received, nowMs, uniqueId: 'u1', addressesUtf8: false });
const textOf = (text: string): string => {
  const result = prepare(text);
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return Buffer.from(result.bytes).toString('utf8');
};
const trace = Buffer.from(received).toString();
const full = 'From: jo@sender.example\r\nDate: today\r\nMessage-ID: <m@x>\r\n';

describe('a submission', () => {
  it('that lacks nothing gets a trace field in front and is otherwise untouched', () => {
    expect(textOf(`${full}\r\nbody  \r\n`)).toBe(`${trace}${full}\r\nbody  \r\n`);
  });

  it('gets the Date and Message-ID that it lacks at the end of its header', () => {
    expect(textOf('From: jo@sender.example\r\n\r\nbody\r\n')).toBe(
      `${trace}From: jo@sender.example\r\nDate: Mon, 23 Nov 2026 18:17:25 +0000\r\nMessage-ID: <u1@sender.example>\r\n\r\nbody\r\n`,
    );
  });

  it('loses blind recipients, a forged Return-Path and its instructions to us, which are read', () => {
    const result = prepare(
      `Bcc: secret@x.example,\r\n more@x.example\r\n${full}X-Sluice-Stream: bulk\r\nReturn-Path: <x@y>\r\nX-SLUICE-stream: other\r\n\r\nBcc: stays in the body\r\n`,
    );
    expect(result).toMatchObject({ ok: true, instructions: new Map([['stream', 'bulk']]) });
    if (result.ok) expect(Buffer.from(result.bytes).toString()).toBe(`${trace}${full}\r\nBcc: stays in the body\r\n`);
  });

  it('always ends its header with an empty line and its body with a line end', () => {
    expect(textOf(full)).toBe(`${trace}${full}\r\n`);
    expect(textOf(full.trimEnd())).toBe(`${trace}${full}\r\n`);
    expect(textOf(`${full}\r\n`)).toBe(`${trace}${full}\r\n`);
    expect(textOf(`${full}\r\nno end`)).toBe(`${trace}${full}\r\nno end\r\n`);
  });

  it('is refused for what no field of ours can mend', () => {
    expect(prepare('Subject: x\r\n\r\nx\r\n')).toMatchObject({ ok: false, code: 'from_missing' });
    expect(prepare(`${full}\r\na\nb\r\n`)).toMatchObject({ ok: false, code: 'bare_lf', message: 'line 5 ends in LF without CR' });
  });

  it('keeps every octet of random messages between what is added', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const rng = seeded(seed);
      const header = randomHeader(rng);
      const body = `${randomBody(rng)}\r\n`;
      const out = textOf(`${header}\r\n${body}`);
      expect(out.startsWith(trace + header)).toBe(true);
      expect(out.endsWith(`\r\n\r\n${body}`)).toBe(true);
      expect(out.slice(trace.length + header.length, -body.length - 2)).toMatch(
        /^(?:Date: [^\r\n]+\r\n)?(?:Message-ID: <u1@sender\.example>\r\n)?$/,
      );
    }
  });
});

describe('the trace field', () => {
  it('says where, how, for whom and when', () => {
    const withTls = {
      ...facts,
      clientAddress: '2001:db8::1',
      recipient: 'a@b.example',
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
    };
    expect(Buffer.from(buildReceived(withTls)).toString()).toBe(
      'Received: from client.example ([IPv6:2001:db8::1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n\tby mail.example with ESMTPSA id abc\r\n\tfor <a@b.example>;\r\n\tMon, 23 Nov 2026 18:17:25 +0000\r\n',
    );
  });

  it('cannot be broken open by what a client calls itself', () => {
    const hostile = Buffer.from(buildReceived({ ...facts, helo: 'x\r\nBcc: y (z) <w>', recipient: '"a\r\nb"@c.example' })).toString();
    expect(hostile.split('\r\n').filter((line) => line !== '' && !line.startsWith('\t'))).toEqual([
      'Received: from x??Bcc:?y??z???w? ([192.0.2.1])',
    ]);
    expect(hostile).not.toContain('for <');
    expect(Buffer.from(buildReceived({ ...facts, helo: 'x'.repeat(5_000) })).length).toBeLessThan(998);
  });

  it('writes dates of RFC 5322', () => {
    expect(formatDate(0)).toBe('Thu, 01 Jan 1970 00:00:00 +0000');
  });
});
