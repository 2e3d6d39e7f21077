// Looks a received content over for what would make two servers read it differently: bare LF or CR (message smuggling), NUL, lines over
// the limit. One pass over line ends with native searches; nothing is changed, the sender is told the line instead.

const CR = 0x0d;
const LF = 0x0a;

/** Octets a line may have without its CRLF. RFC 5322 section 2.1.1. */
export const maxLineOctets = 998;

export type LineFault = { what: 'bare_lf' | 'bare_cr' | 'nul' | 'long_line'; line: number };

/** The first fault of a content with CRLF line ends, or null. Lines count from 1. */
export function findLineFault(bytes: Buffer): LineFault | null {
  const firstNul = bytes.indexOf(0);
  let line = 1;
  let start = 0;
  let cr = bytes.indexOf(CR);
  while (start < bytes.length) {
    const lf = bytes.indexOf(LF, start);
    const end = lf < 0 ? bytes.length : lf;
    if (firstNul >= start && firstNul < end) return { what: 'nul', line };
    if (cr >= 0 && cr < end - 1) return { what: 'bare_cr', line };
    if (lf < 0) return end - start > maxLineOctets ? { what: 'long_line', line } : null;
    if (cr < 0 || cr !== lf - 1) return { what: 'bare_lf', line };
    if (cr - start > maxLineOctets) return { what: 'long_line', line };
    line += 1;
    start = lf + 1;
    cr = bytes.indexOf(CR, start);
  }
  return null;
}
