// Which scheduled queue an entry waits in.
import type { QueueNames, RecipientEntry } from '../entry.ts';

/** What an entry, or the counts of many, tell of their queue. */
export type QueuedNames = QueueNames & Partial<Pick<RecipientEntry, 'options'>>;
export const isTlsOptional = ({ options }: QueuedNames): boolean => options?.tlsOptional === true;

/** `tlsOptional`: mail that leaves aside what the domain demands of TLS goes another way, and is not to wait behind what may not. */
export function queueKey(tenantId: string, streamId: string, campaign: string | null, domain: string, tlsOptional = false): string {
  return `${tenantId}\0${streamId}\0${campaign ?? ''}\0${domain}${tlsOptional ? '\0tls optional' : ''}`;
}
