// Which scheduled queue an entry waits in.
import type { QueueNames, RecipientEntry } from '../entry.ts';

/** What an entry, or the counts of many, tell of their queue. */
export type QueuedNames = QueueNames & Partial<Pick<RecipientEntry, 'options'>>;
export const isTlsOptional = ({ options }: QueuedNames): boolean => options?.tlsOptional === true;
