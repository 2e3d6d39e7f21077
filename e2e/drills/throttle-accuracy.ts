// throttle-accuracy: twenty-one limits of different scopes at once let pass what they say and no window more, counted at the receiver.
//
// On the wire: an engine process, a receiver process, mail without end for each limit. The engine is killed with -9 and started again, then
// some limits are changed while it runs. In every window T sent <= rate x T + burst + 1, where T is longer by what the receiver was measured to
// read late; limits of at least 200 events in a stretch under load pass at least 0.99 of their rate there; the longest gap is told in times of
// the ideal. Under a clock that the drill moves: small limits over at least 1,000 events each, without that allowance.
// Usage: npm run drill -- throttle-accuracy [--seconds 32] [--pause 5] [--part wire|clock]
import { parseArgs } from 'node:util';
import { runSmallLimits, smallLimitsHold } from '@sluice/engine/testing';
import { runWire } from './throttle/wire-part.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '32' }, pause: { type: 'string', default: '5' }, part: { type: 'string' } },
});
const tell = (line: unknown): void => void process.stderr.write(`${JSON.stringify(line)}\n`);
const wire = values.part === 'clock' ? null : await runWire({ seconds: Number(values.seconds), pauseSeconds: Number(values.pause) });
for (const figures of wire?.limits ?? []) tell(figures);
const small = values.part === 'wire' ? null : await runSmallLimits();
for (const figures of small ?? []) tell(figures);

const holds = wire?.holds !== false && (small === null || smallLimitsHold(small));
const least = (shares: (number | null)[]): number => Math.min(...shares.flatMap((share) => share ?? []));
const onTheWire = wire && {
  events: wire.events,
  limits: wire.limits.length,
  held: wire.limits.filter((limit) => limit.holds).length,
  leastShare: least(wire.limits.map(({ share }) => share)),
  mostOverMs: Math.max(...wire.limits.map(({ overMs }) => overMs)),
  receiverDelayMaxMs: wire.receiverDelayMaxMs,
  longestGap: Math.max(...wire.limits.flatMap(({ share, gap }) => (share === null ? [] : gap))),
};
const byClock = small && {
  limits: small.length,
  events: small.reduce((sum, { events }) => sum + events, 0),
  leastShare: least(small.map(({ share }) => share)),
  mostOver: Math.max(...small.map(({ over }) => over)),
  longestGap: Math.max(...small.map(({ gap }) => gap)),
};
process.stdout.write(`${JSON.stringify({ drill: 'throttle-accuracy', holds, wire: onTheWire, clock: byClock })}\n`);
process.exitCode = holds ? 0 : 1;
