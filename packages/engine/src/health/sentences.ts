// What an operator reads of a source that went out or came back.
import type { SourceBody, UnfitReason } from '@sluice/contract';
import type { Out } from './out-sources.ts';

const reasons: Readonly<Record<UnfitReason, string>> = {
  address_missing: 'its address is not on this machine',
  proxy_dead: 'its proxy does not take our connections',
  connects_fail: 'nothing can be reached through it',
};

const clockTime = (ms: number): string => `${new Date(ms).toISOString().slice(11, 19)} UTC`;

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} s`;
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Half a sentence: "out since 10:02:00 UTC: its address is not on this machine". */
export function whyOut({ reason, sinceMs, nextProbeMs }: Out): string {
  return `out since ${clockTime(sinceMs)}: ${reasons[reason]}, next probe ${clockTime(nextProbeMs)}`;
}

export function isOutSentence({ name, publicAddress }: SourceBody, { reason, detail, nextProbeMs }: Out): string {
  const what = `Source ${name} (${publicAddress}) is taken out of its pools: ${reasons[reason]} (${detail}).`;
  return `${what} Other sources of its pools have its mail, or it waits; next probe at ${clockTime(nextProbeMs)}.`;
}

export function isBackSentence({ name, publicAddress }: SourceBody, { sinceMs, probes }: Out, why: string, nowMs: number): string {
  return `Source ${name} (${publicAddress}) is in its pools again after ${span(nowMs - sinceMs)} and ${probes} failed probes: ${why}.`;
}
