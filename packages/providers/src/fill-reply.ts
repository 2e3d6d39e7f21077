// Turns a sample reply into the bytes of a reply: places filled in, code and enhanced code on every line. RFC 5321 section 4.2.1.
import type { SampleReply } from './preset.ts';

export type ReplyPlaces = { source: string; recipient: string; id: string; host: string };

/** The whole reply with CRLF after every line. A line break inside a filled-in value becomes a space, so that a value cannot forge a line. */
export function fillReply(reply: SampleReply, places: ReplyPlaces): string {
  const enhanced = reply.enhanced === null ? '' : `${reply.enhanced} `;
  // Most replies are one line without a place.
  if (!reply.text.includes('{') && !reply.text.includes('\n')) return `${reply.code} ${enhanced}${reply.text}\r\n`;
  const filled = reply.text.replace(/\{(source|recipient|id|host)\}/g, (_, place: keyof ReplyPlaces) =>
    places[place].replace(/[\r\n]/g, ' '),
  );
  const lines = filled.split('\n');
  return lines.map((line, index) => `${reply.code}${index === lines.length - 1 ? ' ' : '-'}${enhanced}${line}\r\n`).join('');
}
