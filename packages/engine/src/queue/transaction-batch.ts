// Which entries may share one transaction: neighbours in a lane that come from one injection and are equal in all that the wire shows
// before the recipient (sender and content). What a recipient may ask for itself, its DSN parameters, goes with its own RCPT.
import type { RecipientEntry } from '../entry.ts';

/** Neighbours of one message that stay with one source, so that they can share transactions. */
export const maxKeptTogether = 100;

export function sharesTransaction(a: RecipientEntry, b: RecipientEntry): boolean {
  return (
    a.messageId === b.messageId &&
    a.sender === b.sender &&
    a.content.segment === b.content.segment &&
    a.content.offset === b.content.offset &&
    a.tenantId === b.tenantId
  );
}
