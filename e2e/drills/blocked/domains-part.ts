// Very many domains, each with its own MX, at one provider under one limit: the limit is used in full, and whose turn it is goes round.
import { join } from 'node:path';
import type { ManyDomainsFigures } from '@sluice/engine/testing';
import { startSide, type Side } from './side.ts';

const maxWaitTimesMean = 3;
const minShareOfLimit = 0.9;

export type DomainsOptions = { domains: number; ratePerSecond: number; sources: number; flowMs: number };

export async function domainsPart(scratch: string, sides: Side[], options: DomainsOptions): Promise<object> {
  const side = startSide();
  sides.push(side);
  const figures = await side.ask<ManyDomainsFigures>({ do: 'domains', directory: join(scratch, 'domains'), ...options });
  side.end();
  const holds =
    figures.longestWaitSeconds <= maxWaitTimesMean * figures.meanWaitSeconds &&
    figures.ratePerSecond >= minShareOfLimit * options.ratePerSecond;
  const { domains, ratePerSecond: limit, sources } = options;
  return { holds, domains, limit, sources, ...figures };
}
