// A limit in words.
import { count } from '../format/number.ts';
import type { Limit } from './types.ts';

/** The kinds, as one chooses among them. */
export const kindWords = {
  message_rate: 'Recipients attempted in a time',
  byte_rate: 'Bytes sent in a time',
  hourly_cap: 'Recipients attempted in an hour of the calendar',
  daily_cap: 'Recipients attempted in a day of the calendar',
  connections: 'Connections open at once',
  connection_rate: 'Connections begun in a time',
} as const satisfies Record<Limit['kind'], string>;

export const isCap = (kind: Limit['kind']): boolean => kind === 'hourly_cap' || kind === 'daily_cap';
/** Counted over a time that goes on, with a burst. */
export const isRate = (kind: Limit['kind']): boolean => !isCap(kind) && kind !== 'connections';

const plural = (one: number, word: string): string => `${count(one)} ${word}${one === 1 ? '' : 's'}`;

/** `20 connections at once`, `50 per second, burst 10`, `1,000 per 60 s`, `2,000 a day (Europe/Berlin)`, `5 new connections per second` */
export function sizeOf(limit: Pick<Limit, 'kind' | 'count' | 'perSeconds' | 'burst'> & { zone?: string | undefined }): string {
  const { kind, perSeconds, burst, zone = 'UTC' } = limit;
  if (kind === 'connections') return `${plural(limit.count, 'connection')} at once`;
  if (isCap(kind)) return `${count(limit.count)} ${kind === 'daily_cap' ? 'a day' : 'an hour'} (${zone})`;
  const time = perSeconds === 1 ? 'second' : `${count(perSeconds)} s`;
  const what =
    kind === 'connection_rate'
      ? plural(limit.count, 'new connection')
      : kind === 'byte_rate'
        ? plural(limit.count, 'byte')
        : count(limit.count);
  // One that was left open is a small part of the rate.
  const top = burst === null ? '' : burst > 0 ? `, burst ${count(burst)}` : ', strictly spaced';
  return `${what} per ${time}${top}`;
}

/** `mail of provider gmail, apart for each source and provider` */
export function applicationOf(limit: Pick<Limit, 'where' | 'by'>): string {
  const where = Object.entries(limit.where).map(([dimension, value]) => `${dimension} ${value}`);
  const of = where.length === 0 ? 'all mail' : `mail of ${where.join(' and ')}`;
  if (limit.by.length === 0) return `${of}, together`;
  const last = limit.by.at(-1) ?? '';
  const by = limit.by.length === 1 ? last : `${limit.by.slice(0, -1).join(', ')} and ${last}`;
  return `${of}, apart for each ${by}`;
}
