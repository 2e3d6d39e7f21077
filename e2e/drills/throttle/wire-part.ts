// The part of `throttle-accuracy` on the wire: an engine process with its configuration in Postgres, a receiver process, twenty limits at
// once. Mail for more than the whole run waits from the beginning. The engine is killed with -9 and started again, then some limits are
// changed while it runs.
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { until } from '@sluice/bench/installation';
import { cloneDatabase, startTestCluster } from '@sluice/db/testing';
import { publishRevision } from '@sluice/plane/console';
import { configuration, startWorld, type Entity, type World } from '../../scenarios/testing/world.ts';
import { excessOf, gapOf, shareOf, type Change, type CountedEvent, type Stretch } from './count.ts';
import { injectClass } from './inject.ts';
import * as plan from './plan.ts';
import type { Report, Seen } from './receiver-process.ts';

const settleMs = 2_000;
/** Of each phase before what is measured as a stretch under load. */
const enoughEvents = 200;
const sourcesOfWorld = Array.from({ length: plan.commonSources }, () => ({}));

export type LimitFigures = {
  limit: string;
  sent: number;
  /** Beyond what any window allows: units, and milliseconds of the rate; and how late the receiver was measured to read, milliseconds. */
  over: number;
  overMs: number;
  waverMs: number;
  /** Least share of the rate in a stretch of enough events; null: none had so many, or the mail is bound by another limit. */
  share: number | null;
  /** Longest gap under load, in times of the ideal. */
  gap: number;
  holds: boolean;
};
export type WireFigures = { limits: LimitFigures[]; events: number; receiverDelayMaxMs: number; holds: boolean };

export type WireOptions = { seconds: number; pauseSeconds: number };

export async function runWire({ seconds, pauseSeconds }: WireOptions): Promise<WireFigures> {
  const { cluster, stop } = await startTestCluster();
  const database = await cloneDatabase(cluster);
  const options = {
    sources: sourcesOfWorld,
    stream: plan.streamOptions,
    settings: { recipientsPerTransaction: 1 },
    entities: plan.entities(),
  };
  await publish(database.ownerUrl, configuration(options));
  const world = await startWorld({
    ...options,
    environment: { SLUICE_ENGINE_DATABASE_URL: database.engineUrl, SLUICE_NODE_NAME: 'drill' },
  });
  const receiver = await startReceiver(world);
  try {
    const wanted = (seconds * 2 + pauseSeconds + 15) * 1.3;
    await Promise.all(
      plan.classes.map((mail) => injectClass(world.smtpPort, mail, Math.ceil(mail.perSecond * wanted * (hasMore(mail) ? 2 : 1)))),
    );
    say('all mail is in; the first stretch begins');
    const first: Stretch = { fromMs: now() + settleMs, untilMs: now() + settleMs + seconds * 1_000 };
    await sleepUntil(first.untilMs);
    say('kill -9');
    await world.kill();
    await sleepUntil(now() + 1_000);
    await world.start();
    await sleepUntil(now() + pauseSeconds * 1_000);
    const publishedAt = now();
    const revision = await publish(database.ownerUrl, plan.changedEntities);
    await until(async () => (await revisionOf(world)) === revision, 20_000);
    const change: Change = { publishedAt, inForceAt: now() + 100 };
    say('limits are changed; the second stretch begins');
    const second: Stretch = { fromMs: now() + settleMs, untilMs: now() + settleMs + seconds * 1_000 };
    await sleepUntil(second.untilMs);
    const report = await receiver.report();
    await world.stop();
    return figuresOf(report, change, [first, second]);
  } finally {
    receiver.close();
    await world.close();
    await stop();
  }
}

/** Classes whose limit is raised by the change. */
const hasMore = ({ name }: plan.MailClass): boolean => name === 'alpha' || name === 'campaign';
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const now = (): number => performance.timeOrigin + performance.now();
const sleepUntil = (at: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, at - now())));

async function revisionOf(world: World): Promise<number> {
  const { frame } = (await (await fetch(`${world.engineUrl}/status`)).json()) as { frame: { revision: number } };
  return frame.revision;
}

async function publish(ownerUrl: string, entities: readonly Entity[]): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('sluice.tenant', '*', true)`);
    const changes = entities.map(({ kind, id, body }) => ({ kind, id, body, tenantId: null }));
    const sql = { query: async <T>(text: string, values: unknown[]) => (await client.query(text, values)).rows as T[] };
    const { number } = await publishRevision(sql, { author: 'drill', reason: 'drill', requestId: randomUUID(), changes });
    await client.query('commit');
    return number;
  } finally {
    await client.end();
  }
}

async function startReceiver(world: World): Promise<{ report(): Promise<Report>; close(): void }> {
  plan.domains.forEach((domain, index) => {
    const host = plan.hostNameOf(domain);
    world.dns.override(host, 'A', { kind: 'records', records: [{ type: 'A', data: `127.42.1.${index + 1}` }] });
    world.mx(domain, host);
  });
  const child: ChildProcess = fork(
    fileURLToPath(new URL('receiver-process.ts', import.meta.url)),
    [String(world.hostPort), String(plan.domains.length)],
    { serialization: 'advanced' },
  );
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the receiver ended with ${code}`)));
  });
  return {
    report: () =>
      new Promise((resolve) => {
        child.once('message', (report) => resolve(report as Report));
        child.send('report');
      }),
    close: () => void child.disconnect(),
  };
}

const mailOf = ({ peer, mail }: Seen): plan.Counted | null =>
  mail && {
    sender: mail.sender,
    source: peer,
    domain: mail.recipient.slice(mail.recipient.indexOf('@') + 1),
    tenant: tenantOf(mail.sender),
  };
const tenantOf = (sender: string): number => plan.classes.find(({ name }) => name === sender)?.tenant ?? 0;
const addressOf = (domain: string): string => `127.42.1.${plan.domains.indexOf(domain) + 1}`;

function figuresOf(report: Report, change: Change, stretches: readonly Stretch[]): WireFigures {
  // What was read late came earlier. Whole milliseconds are what the engine counts in.
  const waverMs = report.loopDelayMaxMs + 1;
  const limits = plan.limits.map((limit): LimitFigures => {
    const name = `${limit.number} ${limit.scope}`;
    if (limit.body.kind === 'connections') return connectionFigures(name, limit, report);
    const begun = limit.body.kind === 'connection_rate';
    const counters = new Map<string, CountedEvent[]>();
    let sent = 0;
    for (const seen of report.seen) {
      const counted = begun ? null : mailOf(seen);
      const key = begun ? (seen.mail === null && seen.host === addressOf('begun.example') ? 'all' : null) : counted && limit.keyOf(counted);
      if (key === null) continue;
      sent++;
      const units = limit.body.kind === 'byte_rate' ? (seen.mail?.bytes ?? 0) : 1;
      const events = counters.get(key) ?? [];
      counters.set(key, events);
      events.push({ at: seen.at, units });
    }
    return rateFigures(name, limit, sent, [...counters.values()], change, stretches, waverMs);
  });
  const holds = limits.every((limit) => limit.holds);
  return { limits, events: report.seen.length, receiverDelayMaxMs: round(report.loopDelayMaxMs), holds };
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

function rateFigures(
  name: string,
  limit: plan.PlannedLimit,
  sent: number,
  counters: readonly CountedEvent[][],
  change: Change,
  stretches: readonly Stretch[],
  waverMs: number,
): LimitFigures {
  const figures = { limit: name, sent, over: -Infinity, overMs: -Infinity, waverMs: round(waverMs), share: null as number | null, gap: 0 };
  const cap = limit.body.kind === 'daily_cap' ? plan.dailyCap : limit.body.kind === 'hourly_cap' ? plan.hourlyCap : null;
  if (cap !== null) {
    // All of it within one hour and day, or the drill says that it was not.
    const most = Math.max(...counters.map((events) => events.length));
    Object.assign(figures, { over: most - cap, overMs: 0, share: round(most / cap) });
    return { ...figures, holds: most <= cap && most >= 0.98 * cap };
  }
  for (const events of counters) {
    const { units, ms } = excessOf(limit, events, change);
    if (units > figures.over) Object.assign(figures, { over: round(units), overMs: round(ms) });
    for (const [index, stretch] of stretches.entries()) {
      const changed = index === 1;
      figures.gap = Math.max(figures.gap, round(gapOf(limit, events, stretch, changed)));
      const share = limit.binds ? shareOf(limit, events, stretch, changed, enoughEvents) : null;
      if (share !== null) figures.share = round(Math.min(figures.share ?? Infinity, share));
    }
  }
  const holds = sent >= 20 && figures.overMs <= waverMs && (figures.share === null || figures.share >= 0.99);
  return { ...figures, holds };
}

/** Open at once, at the busiest of the hosts that the limit counts apart; two sources reach each of them. */
function connectionFigures(name: string, limit: plan.PlannedLimit, report: Report): LimitFigures {
  const hosts = plan.domains.filter((domain) => domain.endsWith('delta.example')).map(addressOf);
  const most = Math.max(...hosts.map((host) => report.open[host] ?? 0));
  const allowed = limit.body.count * 2;
  return { limit: name, sent: most, over: most - allowed, overMs: 0, waverMs: 0, share: null, gap: 0, holds: most > 0 && most <= allowed };
}
