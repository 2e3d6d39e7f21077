// What of a recipient is shown to whom. With the grant for personal data everything is; without it an address is `a***@example.com`, also
// where a remote server or a line of the wire repeats it. The domain stays: operators need it to see whose mail waits, and it is no person.
// Every output that carries an address or foreign text passes through here; the access test looks for whole addresses in all of them.
import type { RemoteReply } from '@sluice/contract';
import type { Actor } from '../actor.ts';

const hidden = '***';
/** Ends a bare word; a quoted local part ends at its quote. */
const delimiters = new Set(' \t\r\n<>()[],;:"\\');
/** A local part of one character would be told by its first. */
const shortestTold = 2;
/** Shorter local parts are also ordinary words, and no names. */
const shortestName = 3;

/** `a***@example.com`. Text that is no address is hidden whole. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return address === '' ? '' : hidden;
  const local = address.slice(0, at).replace(/^"/, '');
  const first = local.length < shortestTold ? '' : String.fromCodePoint(local.codePointAt(0) ?? 0);
  return `${first}${hidden}${address.slice(at)}`;
}

/** The text with every address in it masked. One pass to the left of each `@`: linear but for texts that are all quotes. */
export function maskedText(text: string): string {
  const pieces = text.split('@');
  return pieces
    .map((piece, index) => {
      const next = pieces[index + 1];
      if (next === undefined || next === '' || delimiters.has(next.charAt(0)) !== next.startsWith('[')) return piece;
      const from = beginOfLocal(piece);
      return from === piece.length ? piece : piece.slice(0, from) + maskedAddress(`${piece.slice(from)}@`).slice(0, -1);
    })
    .join('@');
}

/** Where the local part that ends the text begins. */
function beginOfLocal(text: string): number {
  if (text.endsWith('"')) return Math.max(text.lastIndexOf('"', text.length - 2), 0);
  let from = text.length;
  while (from > 0 && !delimiters.has(text.charAt(from - 1))) from -= 1;
  return from;
}

/** Of more recipients than these no text is searched for all: then only the codes of a reply are shown. */
const mostNames = 20;
/** RFC 5321 section 4.2, RFC 3463. */
const replyCodes = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/;
/** What we write names recipients with their domain only. */
const isCommand = /^(?:rcpt|mail) (?:to|from):</i;
const wordCharacter = /[\p{L}\p{N}]/u;

/** The text without a name that stands in it as a word, in any case: "user anna unknown". */
function withoutName(text: string, name: string): string {
  if (name.length < shortestName) return text;
  const lower = text.toLowerCase();
  // Some letters change their length with their case; then positions would not fit.
  if (lower.length !== text.length) return hidden;
  let out = '';
  let from = 0;
  for (let at = lower.indexOf(name); at >= 0; at = lower.indexOf(name, from)) {
    const end = at + name.length;
    const whole = !wordCharacter.test(text.charAt(at - 1)) && !wordCharacter.test(text.charAt(end));
    out += text.slice(from, at) + (whole ? hidden : text.slice(at, end));
    from = end;
  }
  return out + text.slice(from);
}

const localOf = (address: string): string =>
  address
    .slice(0, Math.max(address.lastIndexOf('@'), 0))
    .replaceAll('"', '')
    .toLowerCase();

/** How one actor is shown what belongs to a recipient. */
export interface Shown {
  /** Whether anything is left out. */
  readonly masks: boolean;
  address<T extends string | null>(address: T): T | string;
  /** Foreign text; `about` are the recipients that it may name without their domain. */
  text<T extends string | null>(text: T, about?: readonly (string | null)[]): T | string;
  reply<T extends RemoteReply | null>(reply: T, about?: readonly (string | null)[]): T;
  /** An envelope sender: hidden when it carries the recipient, as bounce addresses do (`news+anna=example.com@`). */
  sender(sender: string | null, recipient: string | null): string | null;
}

const whole: Shown = {
  masks: false,
  address: (address) => address,
  text: (text) => text,
  reply: (reply) => reply,
  sender: (sender) => sender,
};

function masked(text: string, about: readonly (string | null)[]): string {
  const names = new Set(about.flatMap((address) => (address === null ? [] : [localOf(address)])));
  const named = maskedText(text);
  if (names.size <= mostNames) return [...names].reduce(withoutName, named);
  return isCommand.test(text) ? named : `${replyCodes.exec(text)?.[0] ?? ''} ${hidden}`.trimStart();
}

const partly: Shown = {
  masks: true,
  address: (address) => (address === null ? address : maskedAddress(address)),
  text: (text, about = []) => (text === null ? text : masked(text, about)),
  reply: (reply, about = []) => (reply === null ? reply : { ...reply, text: masked(reply.text, about) }),
  sender(sender, recipient) {
    if (sender === null) return null;
    const [local, name] = [localOf(sender), localOf(recipient ?? '')];
    return local.includes('=') || (name.length >= shortestName && local.includes(name)) ? maskedAddress(sender) : sender;
  },
};

export const shown = ({ personalData }: Pick<Actor, 'personalData'>): Shown => (personalData ? whole : partly);
