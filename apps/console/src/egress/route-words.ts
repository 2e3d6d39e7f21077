// How a static route speaks to its hosts, in words.
import type { Route } from './types.ts';

export const tlsWords = {
  disabled: 'never',
  opportunistic: 'when offered',
  opportunistic_verified: 'when offered, verified',
  required: 'required',
  required_verified: 'required and verified',
} as const;

/** `LMTP, TLS required, as relay-user` */
export function mannerOf({ protocol, tls, authUsername, treatAsSecure }: Route): string {
  const words = [protocol.toUpperCase()];
  if (tls) words.push(`TLS ${tlsWords[tls]}`);
  if (authUsername) words.push(`as ${authUsername}`);
  if (treatAsSecure) words.push('names treated as secure');
  return words.join(', ');
}
