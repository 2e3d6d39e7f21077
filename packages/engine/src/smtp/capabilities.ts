// What a server offers, from its answer to EHLO. RFC 5321 section 4.1.1.1.

export type Capabilities = {
  /** RFC 2920 */
  pipelining: boolean;
  /** RFC 3207 */
  startTls: boolean;
  /** RFC 3030 section 2 */
  chunking: boolean;
  /** RFC 6152 */
  eightBitMime: boolean;
  /** RFC 6531 */
  smtpUtf8: boolean;
  /** RFC 3461 */
  dsn: boolean;
  /** RFC 1870: null when not offered, 0 when offered without a limit. */
  size: number | null;
  /** RFC 8689: only ever seen in the answer to EHLO within TLS. */
  requireTls: boolean;
  /** Mechanisms in capitals, at most `maxMechanisms`. RFC 4954 section 3. */
  auth: readonly string[];
};

const maxMechanisms = 20;

export const noCapabilities: Capabilities = {
  pipelining: false,
  startTls: false,
  chunking: false,
  eightBitMime: false,
  smtpUtf8: false,
  dsn: false,
  size: null,
  requireTls: false,
  auth: [],
};

/** Reads the lines of a 250 to EHLO; the first is the server's greeting. Unknown keywords are ignored. */
export function readCapabilities(lines: readonly string[]): Capabilities {
  const found: Capabilities = { ...noCapabilities };
  for (const line of lines.slice(1)) {
    const [keyword = '', argument = ''] = line.trim().split(/[ \t=]+/, 2);
    switch (keyword.toUpperCase()) {
      case 'PIPELINING':
        found.pipelining = true;
        break;
      case 'STARTTLS':
        found.startTls = true;
        break;
      case 'CHUNKING':
        found.chunking = true;
        break;
      case '8BITMIME':
        found.eightBitMime = true;
        break;
      case 'SMTPUTF8':
        found.smtpUtf8 = true;
        break;
      case 'DSN':
        found.dsn = true;
        break;
      case 'REQUIRETLS':
        found.requireTls = true;
        break;
      case 'AUTH':
        found.auth = line
          .trim()
          .toUpperCase()
          .split(/[ \t=]+/)
          .slice(1, 1 + maxMechanisms);
        break;
      case 'SIZE':
        found.size = /^[0-9]{1,15}$/.test(argument) ? Number(argument) : 0;
        break;
      default:
    }
  }
  return found;
}
