// blocked-million: mail that waits costs the mail that moves nothing. Its parts: a million entries deferred at a provider that is away, beside
// mail that shares nothing, its source, or its tenant with them (rate, memory); a start alone, with as many as are asked for (time, memory);
// 200,000 domains with an MX each under one limit (whose turn it is, memory, the event loop); one message in fifty deferred for five days at
// full rate (the disk). Every engine is a process with the flags of the engine.
//
// Usage: npm run drill -- blocked-million [--part blocked|start|domains|deferral] [--entries 1000000] [--turns 8] [--domains 200000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { blockedPart } from './blocked/blocked-part.ts';
import { deferralPart } from './blocked/deferral-part.ts';
import { domainsPart } from './blocked/domains-part.ts';
import type { Side } from './blocked/side.ts';
import { startPart } from './blocked/start-part.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true, default: ['blocked', 'start', 'domains', 'deferral'] },
    entries: { type: 'string', default: '1000000' },
    turns: { type: 'string', default: '8' },
    'flow-seconds': { type: 'string', default: '4' },
    domains: { type: 'string', default: '200000' },
    limit: { type: 'string', default: '2000' },
    sources: { type: 'string', default: '1' },
    'day-seconds': { type: 'string', default: '12' },
  },
});
const flowMs = Number(values['flow-seconds']) * 1_000;
const parts: Record<string, (scratch: string, sides: Side[]) => Promise<object>> = {
  blocked: (scratch, sides) => blockedPart(scratch, sides, { entries: Number(values.entries), flowMs, turns: Number(values.turns) }),
  start: (scratch, sides) => startPart(scratch, sides, { entries: Number(values.entries) }),
  domains: (scratch, sides) =>
    domainsPart(scratch, sides, {
      ...{ domains: Number(values.domains), ratePerSecond: Number(values.limit), sources: Number(values.sources) },
      flowMs: 10 * flowMs,
    }),
  deferral: (scratch, sides) => deferralPart(scratch, sides, { dayMs: Number(values['day-seconds']) * 1_000, flowMs }),
};

const scratch = mkdtempSync(join(tmpdir(), 'sluice-blocked-'));
const sides: Side[] = [];
try {
  const figures: Record<string, object> = {};
  for (const name of values.part) {
    const part = parts[name];
    if (!part) throw new Error(`there is no part ${name}: blocked, start, domains or deferral`);
    figures[name] = await part(scratch, sides);
  }
  const holds = Object.values(figures).every((part) => 'holds' in part && part.holds === true);
  process.stdout.write(`${JSON.stringify({ drill: 'blocked-million', holds, ...figures })}\n`);
  process.exitCode = holds ? 0 : 1;
} finally {
  for (const side of sides) side.end();
  rmSync(scratch, { recursive: true, force: true });
}
