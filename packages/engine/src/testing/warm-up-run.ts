// A warm-up of many days under a clock that only moves when it is told: a whole engine, sources that warm up beside one that is warm, and
// receivers whom the caller models. Everything goes the way it goes in a node; only sockets, disk and time are doubles.
import type { Answer, Decision, WarmUpLadderRow } from '@sluice/contract';
import { outcomeOf } from '../deliver/outcome.ts';
import { noOptions, type Outcome, type RecipientEntry } from '../entry.ts';
import type { ReceivingHosts } from '../offline/simulation/virtual-attempter.ts';
import type { EgressPath } from '../ports.ts';
import { engineRig, providerEntity, warmUpEntity, type EngineRig } from './engine-rig.ts';
import { fakeClock } from './fake-clock.ts';
import { id, poolEntity, sourceEntity, tenantEntities } from './sample-config.ts';

const dayMs = 86_400_000;
const planId = id(1001);

export type WarmUpRunOptions = {
  startMs: number;
  /** Sources that warm up; beside them one that is warm. */
  warming: number;
  /** Each a group of its own; mail goes to mailboxes of the domain, whose host is `mx.<domain>`. */
  providers: readonly { key: string; domain: string }[];
  receivers: ReceivingHosts;
  /** Of the plan; see contract/warm-up. */
  plan: Record<string, unknown>;
};

export type WarmUpRun = {
  inject(domain: string, count: number, engaged?: boolean): Promise<void>;
  advance(ms: number): Promise<void>;
  nowMs(): number;
  ladders(): Promise<readonly WarmUpLadderRow[]>;
  decisions(): readonly Decision[];
  /** Entries that wait. */
  waiting(): number;
  /** Address by which receivers know a source, from 1. */
  addressOf(source: number): string;
  sourceId(source: number): string;
  stop(): Promise<void>;
};

export async function startWarmUpRun({ startMs, warming, providers, receivers, plan }: WarmUpRunOptions): Promise<WarmUpRun> {
  const clock = fakeClock(startMs);
  const numbers = Array.from({ length: warming + 1 }, (_, index) => index + 1);
  const sources = numbers.map((number) => sourceEntity(number));
  const outcome = (entry: RecipientEntry, path: EgressPath): Partial<Outcome> => ask(receivers, entry, path);
  const rig: EngineRig = await engineRig(
    [
      ...sources,
      poolEntity(
        1,
        numbers.map((number) => ({ sourceId: id(100 + number), weight: 1 })),
      ),
      ...tenantEntities(1, 1, { retrySeconds: [3_600], expirySeconds: 2 * 86_400 }),
      ...providers.map(({ key, domain }, index) => providerEntity(index, key, domain)),
      warmUpEntity(1, {
        sourceIds: numbers.slice(0, warming).map((number) => id(100 + number)),
        groups: providers.map(({ key }) => ({ name: key, providers: [key] })),
        startsOn: new Date(startMs).toISOString().slice(0, 10),
        ...plan,
      }),
    ],
    { outcome, watch: () => undefined },
    clock,
    { frames: false },
  );
  let injected = 0;
  return {
    async inject(domain, count, engaged = false) {
      const options = engaged ? { ...noOptions, engaged } : undefined;
      for (let n = 0; n < count; n++)
        await rig.inject({ recipients: [`r${++injected}@${domain}`], lifeMs: 2 * dayMs, ...(options && { options }) });
    },
    advance: (ms) => clock.advance(ms),
    nowMs: () => clock.nowMs(),
    async ladders() {
      const answering: Promise<Answer> = rig.ask({ kind: 'warm_ups', planId, sourceId: null, group: null });
      // Answers come in slices, between which time goes on.
      const said = await Promise.race([answering, clock.advance(1_000).then(() => answering)]);
      if (said.kind !== 'warm_ups') throw new Error(`the answer is ${said.kind}`);
      return said.ladders;
    },
    decisions: () => [...rig.decided.values()],
    waiting: () => rig.engine.status().entries,
    addressOf: (source) => addressIn(sources[source - 1]?.body),
    sourceId: (source) => id(100 + source),
    stop: () => rig.engine.stop(0),
  };
}

function addressIn(body: unknown): string {
  return typeof body === 'object' && body !== null && 'bindAddress' in body ? String(body.bindAddress) : '';
}

/** One recipient over a connection of its own. */
function ask(receivers: ReceivingHosts, { sender, recipient }: RecipientEntry, { site, source, replyRules }: EgressPath): Partial<Outcome> {
  const answered = receivers.connect(site, source.bindAddress);
  if (!answered?.session) {
    const said = answered?.refused ?? { code: 421, enhanced: null, text: 'no answer' };
    return outcomeOf(refused('mail', said), false, replyRules ?? []);
  }
  const { answers } = answered.session.carry({ sender, recipients: [recipient], dkimDomain: null });
  answered.session.end();
  const [answer] = answers;
  if (!answer || answer.said.code < 400) return {};
  return outcomeOf(refused(answer.phase, answer.said), false, replyRules ?? []);
}

function refused(phase: 'mail' | 'rcpt' | 'message', { code, enhanced, text }: { code: number; enhanced: string | null; text: string }) {
  return { kind: 'refused', phase, reply: { code, enhanced, lines: text.split('\n') } } as const;
}
