// How DSN parameters are written: xtext, where `+` and two hex digits stand for an octet. RFC 3461 section 4.

/** Printable ASCII as xtext; null when it holds anything else. */
export function xtext(text: string): string | null {
  if (!/^[\u0020-\u007e]*$/.test(text)) return null;
  return text.replace(/[+= ]/g, (character) => `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** What xtext stands for. Sequences that are none stay as they are. */
export function fromXtext(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `type;address` as it goes into ORCPT; null when it cannot be written. RFC 3461 section 4.2, RFC 6533 section 3. */
export function orcptText(value: string): string | null {
  const match = /^(?<type>[A-Za-z0-9-]{1,32});(?<address>.+)$/s.exec(value);
  const { type, address } = match?.groups ?? {};
  if (type === undefined || address === undefined) return null;
  // utf-8-addr-xtext: characters beyond ASCII by number, so that hosts without SMTPUTF8 can carry them.
  const ascii =
    type.toLowerCase() === 'utf-8'
      ? address.replace(/[^\u0000-\u007f]/gu, (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`)
      : address;
  const encoded = xtext(ascii);
  return encoded === null ? null : `${type};${encoded}`;
}
