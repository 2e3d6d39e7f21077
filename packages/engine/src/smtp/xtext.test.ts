// DSN parameters as they go on the wire and come back.
import { describe, expect, it } from 'vitest';
import { fromXtext, orcptText, xtext } from './xtext.ts';

describe('xtext', () => {
  it('comes back as it went, whatever printable text it was', () => {
    const all = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
    const written = xtext(all) ?? '';
    expect(written).toMatch(/^[!-*,-<>-~+]+$/);
    expect(fromXtext(written)).toBe(all);
  });

  it('is refused for control characters and beyond ASCII', () => {
    for (const text of ['a\r\nb', 'a\0', 'ü']) expect(xtext(text)).toBeNull();
  });
});

describe('ORCPT', () => {
  it('keeps its type and writes a UTF-8 address so that any host can carry it', () => {
    expect(orcptText('rfc822;Bob+news@x.example')).toBe('rfc822;Bob+2Bnews@x.example');
    expect(orcptText('utf-8;jörg@dömain.example')).toBe('utf-8;j\\x{F6}rg@d\\x{F6}main.example');
  });

  it('is nothing without type or address, or with characters its type does not have', () => {
    for (const value of ['rfc822', 'rfc822;', ';a@b', 'rfc822;jörg@x.example', 'a b;c@d', 'rfc822;a\nb'])
      expect(orcptText(value), value).toBeNull();
  });
});
