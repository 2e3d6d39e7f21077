// What an operator types to find mail, `user@domain` or `@domain`, as the two leading columns of the index on recipients.
import { domainToASCII } from 'node:url';

export type RecipientFilter = { domain: string; address: string | null };

/** Addresses match without regard to case; domains in Unicode match their A-labels. */
export function recipientFilter(recipient: string): RecipientFilter {
  const at = recipient.lastIndexOf('@');
  const typed = recipient.slice(at + 1).replace(/\.$/, '');
  const domain = domainToASCII(typed) || typed.toLowerCase(); // address literals are no domains
  const local = recipient.slice(0, Math.max(at, 0));
  return { domain, address: local === '' ? null : `${local.toLowerCase()}@${domain}` };
}
