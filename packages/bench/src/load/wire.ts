// What source and sink agree on: who runs them, what they are told, and how a message says which one it is.
export type SourceOrder = {
  port: number;
  sessions: number;
  messages: number;
  sizeBytes: number;
  /** Recipients go round over so many domains, `d<n>.bench-domains.example`. */
  domains: number;
  tls: boolean;
  /** Messages of one connection; 0 is all of them. */
  perConnection: number;
  /** Null: as fast as the replies come. */
  perSecond: number | null;
};
/** Times are milliseconds of the machine's monotonic clock, the same for all processes; index is the message's number. */
export type SourceReport = { acceptedAt: number[] };
export type SinkReport = { arrivedAt: number[] };
/** `rttMs`: every reply is held until so long after its command came, concurrently, as a long link would. */
export type SinkOrder = { tls: boolean; rttMs: number };

export const manyDomains = 'bench-domains.example';
const numberField = 'X-Bench-Number: ';

export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** One message of `sizeBytes` octets, lines of 78. */
export function messageText(index: number, sender: string, recipient: string, sizeBytes: number): string {
  const header = `From: ${sender}\r\nTo: ${recipient}\r\nSubject: bench\r\nMessage-ID: <${index}.${process.pid}@bench.example>\r\n${numberField}${index}\r\n\r\n`;
  const line = `${'x'.repeat(76)}\r\n`;
  const lines = Math.max(1, Math.ceil((sizeBytes - header.length) / line.length));
  return header + line.repeat(lines);
}

/** The number that a message carries; null when it is none of ours. */
export function numberOf(message: string): number | null {
  const at = message.indexOf(numberField);
  return at < 0 ? null : Number.parseInt(message.slice(at + numberField.length, at + numberField.length + 10), 10);
}
