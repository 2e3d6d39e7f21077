// How long we wait for each reply. RFC 5321 section 4.5.3.2 gives the lower bounds; they are generous so that slow servers are not
// handed the same message twice.

export type SmtpTimeouts = {
  greetingMs: number;
  ehloMs: number;
  startTlsMs: number;
  handshakeMs: number;
  mailMs: number;
  rcptMs: number;
  dataMs: number;
  /** Without any octet of the message leaving. */
  dataBlockMs: number;
  /** From the final dot to its reply. */
  messageMs: number;
  rsetMs: number;
  quitMs: number;
};

const MINUTE_MS = 60_000;

export const defaultTimeouts: SmtpTimeouts = {
  greetingMs: 5 * MINUTE_MS, // RFC 5321 section 4.5.3.2.1
  ehloMs: 5 * MINUTE_MS,
  startTlsMs: 2 * MINUTE_MS,
  handshakeMs: MINUTE_MS,
  mailMs: 5 * MINUTE_MS, // RFC 5321 section 4.5.3.2.2
  rcptMs: 5 * MINUTE_MS, // RFC 5321 section 4.5.3.2.3
  dataMs: 2 * MINUTE_MS, // RFC 5321 section 4.5.3.2.4
  dataBlockMs: 3 * MINUTE_MS, // RFC 5321 section 4.5.3.2.5
  messageMs: 10 * MINUTE_MS, // RFC 5321 section 4.5.3.2.6
  rsetMs: 5 * MINUTE_MS,
  quitMs: 5_000,
};
