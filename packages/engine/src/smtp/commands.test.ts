// No envelope puts a second command, or a second address, on the wire.
import { describe, expect, it } from 'vitest';
import { isEhloName, mailLine, rcptLine, wireAddress } from './commands.ts';

const address = (text: string) => {
  const found = wireAddress(text);
  if (!found) throw new Error(`${text} was refused`);
  return found;
};

describe('addresses', () => {
  it.each([
    'a@b.example\r\nRCPT TO:<x@y.example>',
    'a\r\n@b.example',
    'a\n@b.example',
    'a\u0000@b.example',
    'a@b.example\u0000',
    'a@b.example> SIZE=1',
    'a> <b@b.example',
    '<a@b.example>',
    'a b@c.example',
    'a@b c.example',
    'a@',
    '@b.example',
    'plain',
    '"a"b"@c.example',
    '"a\r\n"@c.example',
    '"a\\\r"@c.example',
    'a@[127.0.0.1]>',
    'a@-b.example',
    'a@b..example',
    `${'x'.repeat(250)}@b.example`,
    'a@\u2028.example\r\n',
  ])('%j cannot be written', (text) => {
    expect(wireAddress(text)).toBeNull();
  });

  it('are written as they are, domains in A-labels', () => {
    expect(address('A.b+c=d@Host.example')).toEqual({ text: 'A.b+c=d@Host.example', utf8: false });
    expect(address('a@bücher.example').text).toBe('a@xn--bcher-kva.example');
    expect(address('jö@bücher.example')).toEqual({ text: 'jö@xn--bcher-kva.example', utf8: true });
    expect(address('"a b\\"c@d"@e.example').text).toBe('"a b\\"c@d"@e.example');
    expect(address('a@[192.0.2.1]').text).toBe('a@[192.0.2.1]');
    expect(address('').text).toBe('');
  });
});

describe('lines', () => {
  it('carry exactly the parameters that are needed', () => {
    expect(mailLine(address('a@b.example'), { sizeBytes: null, eightBit: false, utf8: false })).toBe('MAIL FROM:<a@b.example>\r\n');
    expect(
      mailLine(address('a@b.example'), { sizeBytes: null, eightBit: false, utf8: false, dsn: { ret: 'HDRS', envid: 'id=1+2 x' } }),
    ).toBe('MAIL FROM:<a@b.example> RET=HDRS ENVID=id+3D1+2B2+20x\r\n');
    expect(mailLine(address(''), { sizeBytes: 12, eightBit: true, utf8: true })).toBe('MAIL FROM:<> SIZE=12 BODY=8BITMIME SMTPUTF8\r\n');
    expect(rcptLine(address('a@b.example'), null)).toBe('RCPT TO:<a@b.example>\r\n');
    expect(rcptLine(address('a@b.example'), { notify: 'FAILURE,DELAY', orcpt: 'rfc822;a+2Bb@c.example' })).toBe(
      'RCPT TO:<a@b.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb@c.example\r\n',
    );
  });

  it('leave malformed DSN parameters out', () => {
    expect(rcptLine(address('a@b.example'), { notify: 'NEVER\r\nDATA', orcpt: 'rfc822;a b' })).toBe('RCPT TO:<a@b.example>\r\n');
    expect(rcptLine(address('a@b.example'), { notify: 'NEVER,FAILURE', orcpt: 'rfc822;\r\n' })).toBe('RCPT TO:<a@b.example>\r\n');
  });

  it('know a name for EHLO from anything else', () => {
    expect(['mail.example', '[192.0.2.1]', '[IPv6:2001:db8::1]'].every(isEhloName)).toBe(true);
    expect(['', 'a b', 'a\r\nb', 'x.example\n', 'ünï.example'].some(isEhloName)).toBe(false);
  });
});
