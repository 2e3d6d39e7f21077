// Traces over a whole node: begin with the first, let go with the last, and lose lines rather than anything else.
import { describe, expect, it } from 'vitest';
import type { ConnectionListener } from '../deliver/connection-listener.ts';
import { testPath } from '../deliver/testing.ts';
import type { DeliverySession } from '../ports.ts';
import { ReadyPath } from '../queue/ready-path.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { keptTraceFeed, traceOrder } from '../testing/sample-trace.ts';
import { Traces } from './traces.ts';

const host = { name: 'mx.example', address: '127.0.0.1', port: 25 };
const site = { site: 'mx.example' };

function rig() {
  const clock = fakeClock();
  const kept = keptTraceFeed();
  let listener: ConnectionListener | undefined;
  const facts = { sourceId: 'source-1', site: 'mx.example', provider: null, mxHost: 'mx.example', remoteAddress: '127.0.0.1', tls: null };
  const open: DeliverySession = {
    facts: { ...facts, dsn: false },
    ...{ usable: true, chains: false, deliver: () => Promise.resolve([]), quit: () => Promise.resolve(), destroy: () => undefined },
    listen: (other) => void (listener = other),
  };
  const traces = new Traces({ clock, feed: kept.feed, sessions: () => [open], sourceName: () => 'out 1' });
  const route = { site: 'mx.example', provider: null, exchanges: [], port: 25 };
  const path = new ReadyPath(testPath, route, 'n1', () => undefined);
  const dial = () => {
    const session = traces.listenerFor(path)?.(host);
    session?.connected();
    return session;
  };
  return { clock, traces, dial, ...kept, listener: () => listener };
}

describe('traces of a node', () => {
  it('give no listener while there is none, one to what is open with the first, and take it back with the last', async () => {
    const { clock, traces, dial, listener, lines } = rig();
    expect(dial()).toBeUndefined();
    const order = traceOrder(site);
    traces.set([order]);
    expect(listener()).toBeDefined();
    listener()?.sent(['MAIL FROM:<>\r\n'], null);
    dial();
    await clock.advance(300);
    expect(lines().map(({ session, text }) => [session, text])).toEqual([
      [1, 'already open: from out 1 to mx.example [127.0.0.1], site mx.example, without TLS'],
      [1, 'MAIL FROM:<>'],
      [2, 'from out 1 127.0.0.1 (out.example) to mx.example [127.0.0.1]:25, site mx.example, TLS opportunistic'],
      [2, 'the connection is there'],
    ]);
    traces.set([]);
    expect(listener()).toBeUndefined();
    expect(dial()).toBeUndefined();
  });

  it('end by themselves when their time is over, and say so', async () => {
    const { clock, traces, dial, batches } = rig();
    traces.set([traceOrder(site, { expiresAt: new Date(clock.nowMs() + 2_000).toISOString() })]);
    await clock.advance(2_600);
    expect(dial()).toBeUndefined();
    expect(batches.at(-1)?.report.ended).toBe('expired');
    traces.set([]);
    await clock.advance(10_000);
    expect(clock.timers).toBe(0);
  });

  it('keep what they have while Postgres is away, hand it over in order when it is back, and give no line twice', async () => {
    const { clock, traces, dial, away, batches, lines } = rig();
    traces.set([traceOrder(site)]);
    away.on = true;
    dial();
    await clock.advance(1_000);
    dial();
    expect(lines()).toEqual([]);
    away.on = false;
    await clock.advance(600);
    expect(lines().map(({ seq }) => seq)).toEqual(lines().map((_, index) => index + 1));
    expect(lines()).toHaveLength(4);
    expect(batches.at(-1)?.report).toMatchObject({ sessions: 2, lines: 4, dropped: 0, ended: null });
  });

  it('are not begun again after their end while Postgres still names them', async () => {
    const { clock, traces, dial, batches } = rig();
    const order = traceOrder(site, { lines: 1 });
    traces.set([order]);
    dial();
    await clock.advance(300);
    traces.set([order]);
    expect(dial()).toBeUndefined();
    expect(batches.at(-1)?.report).toMatchObject({ ended: 'lines', lines: 1 });
  });
});
