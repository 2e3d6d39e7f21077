// The fields that we add ourselves: where a message came from, and what a submission lacks. Everything a client said goes through a
// narrow alphabet first, so that no added field can be broken open by it. RFC 5321 section 4.4, RFC 6409 section 8.
import { isIPv6 } from 'node:net';

export type ReceivedFacts = {
  /** What the client called itself in EHLO. */
  helo: string;
  clientAddress: string;
  /** Our own name. */
  host: string;
  /** RFC 3848 section 1. */
  protocol: 'SMTP' | 'ESMTP' | 'ESMTPA' | 'ESMTPS' | 'ESMTPSA' | 'HTTP';
  id: string;
  /** Named only when it is the sole recipient: others must not learn of each other. RFC 5321 section 7.6. */
  recipient: string | null;
  tls: { version: string; cipher: string } | null;
  atMs: number;
};

const MAX_HELO = 255;
const MAX_RECIPIENT = 254;

/** `Mon, 23 Nov 2026 18:17:25 +0000`. RFC 5322 section 3.3. */
export function formatDate(atMs: number): string {
  return new Date(atMs).toUTCString().replace('GMT', '+0000');
}

function safeToken(text: string, limit: number): string {
  const clean = text.replace(/[^A-Za-z0-9.:_[\]-]/g, '?').slice(0, limit);
  return clean === '' ? '?' : clean;
}

/** The Received field, CRLF at its end. */
export function buildReceived(facts: ReceivedFacts): Uint8Array {
  const literal = isIPv6(facts.clientAddress) ? `[IPv6:${facts.clientAddress}]` : `[${safeToken(facts.clientAddress, 45)}]`;
  const lines = [`Received: from ${safeToken(facts.helo, MAX_HELO)} (${literal})`];
  if (facts.tls) lines.push(`(using ${safeToken(facts.tls.version, 16)} with cipher ${safeToken(facts.tls.cipher, 64)})`);
  lines.push(`by ${safeToken(facts.host, MAX_HELO)} with ${facts.protocol} id ${safeToken(facts.id, 64)}`);
  // Only plain addresses: quoted ones may hold anything, and a trace field is no place for that.
  const plain =
    facts.recipient !== null && facts.recipient.length <= MAX_RECIPIENT && /^[A-Za-z0-9.!#$%&'*+/=?^_{|}~@-]+$/.test(facts.recipient);
  if (plain) lines.push(`for <${facts.recipient}>`);
  return Buffer.from(`${lines.join('\r\n\t')};\r\n\t${formatDate(facts.atMs)}\r\n`, 'latin1');
}

/** `Date:` for a submission without one. RFC 6409 section 8.2. */
export function buildDate(atMs: number): Uint8Array {
  return Buffer.from(`Date: ${formatDate(atMs)}\r\n`, 'latin1');
}

/** `Message-ID:` for a submission without one, and its value. RFC 6409 section 8.3. */
export function buildMessageId(unique: string, domain: string): { field: Uint8Array; value: string } {
  const value = `<${safeToken(unique, 64)}@${safeToken(domain, 253)}>`;
  return { field: Buffer.from(`Message-ID: ${value}\r\n`, 'latin1'), value };
}
