// Turns a sample reply into what one client hears: places filled in, and its lines with code and enhanced code. RFC 5321 section 4.2.1.
import type { SampleReply } from './preset.ts';

export type ReplyPlaces = { source: string; recipient: string; id: string; host: string };

/** The reply with its places filled in. A line break inside a filled-in value becomes a space, so that a value cannot forge a line. */
export function fillReply(reply: SampleReply, places: ReplyPlaces): SampleReply {
  if (!reply.text.includes('{')) return reply;
  const [first = '', ...others] = reply.text.split('{');
  const filled = others.map((part) => {
    const end = part.indexOf('}');
    const place = part.slice(0, Math.max(0, end));
    return Object.hasOwn(places, place) ? oneLine(places[place as keyof ReplyPlaces]) + part.slice(end + 1) : `{${part}`;
  });
  return { code: reply.code, enhanced: reply.enhanced, text: first + filled.join('') };
}

const oneLine = (value: string): string => (/[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, ' ') : value);

/** The whole reply on the wire, with CRLF after every line. */
export function replyLines({ code, enhanced, text }: SampleReply): string {
  const lines = text.split('\n');
  const before = enhanced === null ? '' : `${enhanced} `;
  return lines.map((line, index) => `${code}${index === lines.length - 1 ? ' ' : '-'}${before}${line}\r\n`).join('');
}
