// A sender with two modes, as PowerMTA has them: one reply that a pattern matches puts a source into back-off mode, with a rate of its own;
// after a time it is in normal mode again, at once and altogether. The patterns are the good ones: every refusal that blames the source
// for its rate or its reputation. A quarter of the rate for an hour is in the middle of what is configured in practice.
import type { Controller, Ground, SenderKind } from './sender.ts';
import { sourceLimit } from './sender.ts';

const backOffShare = 0.25;
const backOffMs = 3_600_000;
/** What a pattern list for back-off has: rates, deferrals, reputation, blocks. Not full mailboxes, unknown users or a busy server. */
const meant = new Set(['rate_limited', 'policy']);

function controller(ground: Ground): Controller {
  const until = new Map<string, number>();
  let changed = false;
  return {
    seen({ atMs, sourceId, kind, bounceClass }) {
      if (kind === 'delivered' || bounceClass === null || !meant.has(bounceClass) || until.has(sourceId)) return;
      until.set(sourceId, atMs + backOffMs);
      changed = true;
    },
    limits(nowMs) {
      for (const [sourceId, endsMs] of until) if (endsMs <= nowMs) changed = until.delete(sourceId);
      if (!changed) return null;
      changed = false;
      return [...until.keys()].map((sourceId) => sourceLimit(ground, sourceId, ground.limitPerMinute * backOffShare));
    },
  };
}

export const twoModes: SenderKind = { name: 'two modes', entities: [], controller };
