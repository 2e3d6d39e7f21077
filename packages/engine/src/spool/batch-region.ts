// A batch as it arrives at the shard: framed, unsealed records one after the other. Where each lies, the batch without its accepts (they
// were refused, its outcomes were not), and the places of contents written into their accepts.
import type { ContentRef } from '../entry.ts';
import { namesContent, putContentRef } from './payload.ts';
import { frameBytes, framedLength, recordTypes } from './record.ts';

export type RecordSpan = { start: number; end: number; type: number };

export function spansOf(region: Buffer): RecordSpan[] {
  const spans: RecordSpan[] = [];
  for (let start = 0; start < region.length;) {
    const end = start + framedLength(region, start);
    spans.push({ start, end, type: region.readUInt8(start + 7) });
    start = end;
  }
  return spans;
}

export function withoutAccepts(region: Buffer, spans: readonly RecordSpan[]): { region: Buffer; spans: RecordSpan[] } {
  const kept = spans.filter((span) => span.type !== recordTypes.accept);
  let start = 0;
  const moved = kept.map((span) => {
    const at = start;
    start += span.end - span.start;
    return { start: at, end: start, type: span.type };
  });
  return { region: Buffer.concat(kept.map((span) => region.subarray(span.start, span.end))), spans: moved };
}

/** An accept whose content lies in a segment of its own names it already. */
export function putRefs(region: Buffer, spans: readonly RecordSpan[], refs: readonly ContentRef[]): void {
  let next = 0;
  for (const span of spans) {
    if (span.type !== recordTypes.accept || namesContent(region.subarray(span.start + frameBytes))) continue;
    const ref = refs[next++];
    if (ref !== undefined) putContentRef(region.subarray(span.start + frameBytes), ref);
  }
}
