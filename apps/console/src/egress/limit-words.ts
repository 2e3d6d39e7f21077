// A limit in words.
import { count } from '../format/number.ts';
import type { Limit } from './types.ts';

/** `20 connections at once`, `50 per second, burst 10`, `1,000 per 60 s`, `5 new connections per second` */
export function sizeOf(limit: Pick<Limit, 'kind' | 'count' | 'perSeconds' | 'burst'>): string {
  if (limit.kind === 'connections') return `${count(limit.count)} ${limit.count === 1 ? 'connection' : 'connections'} at once`;
  const time = limit.perSeconds === 1 ? 'second' : `${count(limit.perSeconds)} s`;
  const what = limit.kind === 'connection_rate' ? (limit.count === 1 ? ' new connection' : ' new connections') : '';
  return `${count(limit.count)}${what} per ${time}${limit.burst > 0 ? `, burst ${count(limit.burst)}` : ''}`;
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
