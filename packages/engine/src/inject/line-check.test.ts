import { describe, expect, it } from 'vitest';
import { findLineFault } from './line-check.ts';

const check = (text: string) => findLineFault(Buffer.from(text, 'latin1'));

describe('findLineFault', () => {
  it('passes a content with CRLF line ends, with and without a last line end', () => {
    expect(check('a: b\r\n\r\nbody\r\n')).toBeNull();
    expect(check('a: b\r\n\r\nbody')).toBeNull();
    expect(check('')).toBeNull();
  });

  it('names the line of a bare LF, also where the line before ended well', () => {
    expect(check('a\r\nb\nc\r\n')).toEqual({ what: 'bare_lf', line: 2 });
    expect(check('\n')).toEqual({ what: 'bare_lf', line: 1 });
  });

  it('names the line of a bare CR, also at the very end', () => {
    expect(check('a\r\nb\rc\r\n')).toEqual({ what: 'bare_cr', line: 2 });
    expect(check('a\r\r\n')).toEqual({ what: 'bare_cr', line: 1 });
    expect(check('ab\rc')).toEqual({ what: 'bare_cr', line: 1 });
  });

  it('names the line of a NUL', () => {
    expect(check('a\r\nb\0\r\n')).toEqual({ what: 'nul', line: 2 });
  });

  it('takes a line of 998 octets and refuses one of 999', () => {
    expect(check(`${'x'.repeat(998)}\r\n`)).toBeNull();
    expect(check(`ok\r\n${'x'.repeat(999)}\r\n`)).toEqual({ what: 'long_line', line: 2 });
    expect(check('x'.repeat(999))).toEqual({ what: 'long_line', line: 1 });
  });
});
