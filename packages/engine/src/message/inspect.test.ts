// What may be kept, and the one reason why not.
import { describe, expect, it } from 'vitest';
import { asciiDomain, fromDomainOf, splitMailbox } from './address.ts';
import { fieldText, MAX_HEADER_BYTES, MAX_HEADER_FIELDS, scanHeader } from './header.ts';
import { inspectContent, MAX_LINE_BYTES } from './inspect.ts';

const inspect = (text: string) => inspectContent(Buffer.from(text, 'utf8'));
const from = 'From: jo@sender.example\r\n';

describe('the From domain', () => {
  it.each([
    ['jo@sender.example', 'sender.example'],
    ['Jo Do <jo@Sender.Example>', 'sender.example'],
    ['"Do, Jo <x@evil.example>" <jo@sender.example>', 'sender.example'],
    ['"a@b" <jo@sender.example> (a comment, with <x@evil.example>)', 'sender.example'],
    ['(x (nested) \\) y) jo@sender.example', 'sender.example'],
    ['=?utf-8?q?x=40evil.example?= <jo@sender.example>', 'sender.example'],
    ['"a@b"@sender.example', 'sender.example'],
    ['<jo@bücher.example>', 'xn--bcher-kva.example'],
    ['jo@sender.example.', 'sender.example'],
  ])('of %j is %s', (value, domain) => {
    expect(fromDomainOf(value)).toEqual({ ok: true, domain });
  });

  it.each([
    ['a@sender.example, b@evil.example', 'from_multiple'],
    ['<a@sender.example> <b@evil.example>', 'from_multiple'],
    ['Group: a@sender.example;', 'from_malformed'],
    ['', 'from_malformed'],
    ['<>', 'from_malformed'],
    ['jo', 'from_malformed'],
    ['jo@', 'from_malformed'],
    ['@sender.example', 'from_malformed'],
    ['jo@sender.example extra@evil.example', 'from_malformed'],
    ['<jo@sender.example> trailing', 'from_malformed'],
    ['a <b <c@d.example>>', 'from_multiple'],
    ['jo@evil.example@sender.example', 'from_malformed'],
    ['jo @sender.example', 'from_malformed'],
    ['<@relay.example:jo@sender.example>', 'from_malformed'],
    ['"open <jo@sender.example>', 'from_malformed'],
    ['(open jo@sender.example', 'from_malformed'],
    ['jo@[127.0.0.1]', 'from_malformed'],
    ['jo@sender..example', 'from_malformed'],
    ['(('.repeat(50), 'from_malformed'],
  ])('of %j is refused as %s', (value, code) => {
    expect(fromDomainOf(value)).toMatchObject({ ok: false, code });
  });

  it('is read through folding, and only when there is one field', () => {
    expect(inspect('From: Jo\r\n\t<jo@sender.example>\r\n\r\nx\r\n')).toMatchObject({ ok: true, facts: { fromDomain: 'sender.example' } });
    expect(inspect(`${from}FROM : x@evil.example\r\n\r\nx\r\n`)).toMatchObject({ ok: false, code: 'from_multiple' });
    expect(inspect('Subject: x\r\n\r\nFrom: jo@sender.example\r\n')).toMatchObject({ ok: false, code: 'from_missing' });
  });
});

describe('content', () => {
  it('has its facts', () => {
    expect(inspect(`${from}Message-ID: <a@b>\r\n\r\nbody\r\n`)).toMatchObject({
      ok: true,
      facts: { sizeBytes: 52, headerBytes: 46, eightBit: false, utf8: false, fromDomain: 'sender.example', headerMessageId: '<a@b>' },
    });
    expect(inspect(`${from}\r\nbüdy\r\n`)).toMatchObject({ facts: { eightBit: true, utf8: false, headerMessageId: null } });
    expect(inspect(`${from}Subject: ü\r\n\r\nbody\r\n`)).toMatchObject({ facts: { eightBit: false, utf8: true } });
    expect(inspectContent(Buffer.from(`${from}\r\nx\r\n`), true)).toMatchObject({ facts: { utf8: true } });
    expect(inspect(`${from}Message-ID: ${'x'.repeat(900)}\r\n\r\n`)).toMatchObject({ facts: { headerMessageId: 'x'.repeat(500) } });
  });

  it('without a body, or without an empty line, is all header', () => {
    expect(inspect(`${from}\r\n`)).toMatchObject({ ok: true, facts: { headerBytes: from.length + 2 } });
    expect(inspect(from)).toMatchObject({ ok: true, facts: { headerBytes: from.length } });
  });

  it.each([
    [`${from}\r\na\nb\r\n`, 'bare_lf'],
    ['From: jo@sender.example\n\nx\n', 'bare_lf'],
    [`${from}\r\na\rb\r\n`, 'bare_cr'],
    [`${from}\r\na\r\r\n`, 'bare_cr'],
    [`${from}\r\na\r`, 'bare_cr'],
    [`${from}\r\na\n.\r\nb\r\n`, 'bare_lf'],
    [`${from}\r\na\u0000b\r\n`, 'nul'],
    [`${from}\r\n${'x'.repeat(MAX_LINE_BYTES + 1)}\r\n`, 'line_too_long'],
    [`${from}\r\n${'x'.repeat(MAX_LINE_BYTES + 1)}`, 'line_too_long'],
    [` folded\r\n${from}\r\nx`, 'header_malformed'],
    [`${from}no field\r\n\r\nx`, 'header_malformed'],
    [`${from}: empty name\r\n\r\nx`, 'header_malformed'],
    [`${from}Sübject: x\r\n\r\nx`, 'header_malformed'],
    [`${from}${'X: y\r\n'.repeat(MAX_HEADER_FIELDS)}\r\nx`, 'header_too_large'],
    [`${from}X: ${' y\r\n'.repeat(MAX_HEADER_BYTES / 4)}\r\nx`, 'header_too_large'],
    ['', 'from_missing'],
    ['\r\nbody\r\n', 'from_missing'],
  ])('%# is refused with its reason', (text, code) => {
    expect(inspect(text)).toMatchObject({ ok: false, code });
  });

  it('may have lines of exactly the limit', () => {
    expect(inspect(`${from}\r\n${'x'.repeat(MAX_LINE_BYTES)}\r\n`)).toMatchObject({ ok: true });
  });
});

describe('a header', () => {
  it('is byte ranges: together with the body they are the message', () => {
    const bytes = Buffer.from(`${from}Subject : a\r\n b\r\n\tc\r\nX:\r\n\r\nbody`);
    const scan = scanHeader(bytes);
    if (!scan.ok) throw new Error(scan.message);
    expect(scan.fields.map((field) => [field.name, fieldText(bytes, field)])).toEqual([
      ['from', 'jo@sender.example'],
      ['subject', 'a b\tc'],
      ['x', ''],
    ]);
    expect(scan.fields.map((field) => bytes.toString('latin1', field.start, field.end)).join('')).toBe(
      bytes.toString('latin1', 0, scan.headerBytes - 2),
    );
  });
});

it('knows domains from what only looks like one', () => {
  expect(['a.example', 'A.Example.', 'xn--bcher-kva.example'].map(asciiDomain)).toEqual([
    'a.example',
    'a.example',
    'xn--bcher-kva.example',
  ]);
  expect(
    ['', '.', 'a..b', '-a.example', 'a b.example', '127.0.0.1:25', 'a%2eb', `${'x'.repeat(64)}.example`]
      .map(asciiDomain)
      .filter((name) => name !== null),
  ).toEqual([]);
  expect(splitMailbox('"a@b"@c.example')).toEqual({ local: '"a@b"', domain: 'c.example' });
  expect(splitMailbox('@c.example')).toBeNull();
});
