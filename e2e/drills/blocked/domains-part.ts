// Very many domains, each with its own MX, at one provider under one limit: the limit is used in full, whose turn it is goes round, and a
// domain that waits costs little memory and no long stop of the event loop.
import { join } from 'node:path';
import type { ManyDomainsFigures } from '@sluice/engine/testing';
import { startSide, type Side } from './side.ts';

const maxWaitTimesMean = 3;
const minShareOfLimit = 0.9;
/** Of the process, and for each domain beside it: 1,000 MB with 200,000 of them. */
const residentMb = 200;
const bytesADomain = 4_000;
const maxLoopDelayMs = 60;
const maxLoopDelayP999Ms = 50;

export type DomainsOptions = { domains: number; ratePerSecond: number; sources: number; flowMs: number };

export async function domainsPart(scratch: string, sides: Side[], options: DomainsOptions): Promise<object> {
  const side = startSide();
  sides.push(side);
  const figures = await side.ask<ManyDomainsFigures>({ do: 'domains', directory: join(scratch, 'domains'), ...options });
  side.end();
  const maxResidentMb = Math.ceil(residentMb + (options.domains * bytesADomain) / 1e6);
  const holds =
    figures.residentMb <= maxResidentMb &&
    figures.loopDelayMaxMs <= maxLoopDelayMs &&
    figures.loopDelayP999Ms <= maxLoopDelayP999Ms &&
    figures.longestWaitSeconds <= maxWaitTimesMean * figures.meanWaitSeconds &&
    figures.ratePerSecond >= minShareOfLimit * options.ratePerSecond;
  const { domains, ratePerSecond: limit, sources } = options;
  return { holds, domains, limit, sources, maxResidentMb, maxLoopDelayMs, maxLoopDelayP999Ms, ...figures };
}
