// What rules of automation cost: an engine with two hundred sources over a real spool, with five hundred rules of which fifty hold mail
// now, or with none. The wire is simulated, so that what is measured is the engine's own share: a real connection costs more on both sides
// and makes the difference look smaller.
import { memoryRecordFile, type MemoryRecordFile } from './memory-record-file.ts';
import { providerEntity } from './engine-rig.ts';
import { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './sample-config.ts';
import { messageTo, startSpoolEngine, type SpoolEngine } from './spool-engine.ts';

const sources = 200;
const rules = 500;
const actions = 50;
const providers = 20;
/** One attempt in so many is deferred: rules are weighed at these. */
const deferredEvery = 50;
const outstanding = 2_000;
const acceptsATurn = 200;
const lifeMs = 86_400_000;
const messageBytes = Buffer.from(`Subject: flow\r\n\r\n${'x'.repeat(1_000)}\r\n`);
const farMs = 365 * 86_400_000;

const providerKey = (n: number): string => `p${n % providers}`;
const sourceId = (n: number): string => id(101 + (n % sources));
const ruleId = (n: number): string => id(10_000 + n);

/** Shares, replies by code, class and text, and latencies; some for all mail, most for one source or provider. */
function ruleEntity(n: number): SampleEntity {
  const match = {
    enhanced: n % 3 === 0 ? ['4.7.28'] : [],
    classes: n % 3 === 1 ? ['policy'] : [],
    pattern: n % 30 === 2 ? `rate ${n}` : null,
  };
  const named = match.enhanced.length + match.classes.length > 0 || match.pattern !== null ? match : { ...match, remedies: ['slow_down'] };
  const volume = { percent: 50, minimumVolume: 1_000, windowSeconds: 300 };
  const triggers = [
    { kind: 'share', of: 'deferred', ...volume },
    { kind: 'replies', match: named, count: 100_000, windowSeconds: 3600 },
    { kind: 'matching_share', match: named, ...volume },
  ];
  const where = n < 20 ? {} : n % 2 === 0 ? { source: sourceId(n) } : { source: sourceId(n), provider: providerKey(n) };
  const reduce = { kind: 'reduce', toPercent: 50, floorPerMinute: 10, quietSeconds: 86_400, stepPercent: 10 };
  return {
    ...{ kind: 'automation', id: ruleId(n) },
    body: { name: `rule ${n}`, trigger: triggers[n % triggers.length], where, per: 'source_provider', action: reduce, forSeconds: 604_800 },
  };
}

/** An action that holds a source at a provider to a rate that nobody reaches. */
function actionLine(n: number, nowMs: number): object {
  const rate = {
    fromPerMinute: 4e6,
    ratePerMinute: 2e6,
    quietPerMinute: null,
    hitPerMinute: 4e6,
    capPerMinute: null,
    patience: 1,
    above: 0,
  };
  const subject = { source: sourceId(n), provider: providerKey(n) };
  return {
    ...{ id: id(20_000 + n), ruleId: ruleId(n), ruleName: `rule ${n}`, key: `source\0${subject.source}\0${subject.provider}` },
    ...{ kind: 'reduce', dry: false, subject, sentence: 'held', startedMs: nowMs, lastHitMs: nowMs, endsMs: nowMs + farMs },
    ...{ pinned: null, throttle: { ...rate, pausedUntilMs: 0, stepAtMs: nowMs + farMs }, pool: null, commandId: null },
  };
}

function keptActions(): MemoryRecordFile {
  const lines = Array.from({ length: actions }, (_, n) => JSON.stringify(actionLine(n, Date.now())));
  return memoryRecordFile([...lines, JSON.stringify({ commit: {}, count: actions })]);
}

const config = (withRules: boolean): SampleEntity[] => [
  ...Array.from({ length: sources }, (_, n) => sourceEntity(n + 1)),
  poolEntity(
    1,
    Array.from({ length: sources }, (_, n) => ({ sourceId: sourceId(n), weight: 1 })),
  ),
  ...tenantEntities(1, 1),
  ...Array.from({ length: providers }, (_, n) => providerEntity(n, providerKey(n), `${providerKey(n)}.example`)),
  ...(withRules ? Array.from({ length: rules }, (_, n) => ruleEntity(n)) : []),
];

export type RulesCostFlow = { attempts: number; ratePerSecond: number; cpuSecondsPer1000: number };
export type RulesCostEngine = {
  /** Actions that go on. */
  actions(): number;
  /** Lets mail flow for `warmMs` unmeasured and `flowMs` measured, then until all that was accepted was attempted. */
  flow(warmMs: number, flowMs: number): Promise<RulesCostFlow>;
  stop(): Promise<void>;
};

export async function startRulesCost({ directory, withRules }: { directory: string; withRules: boolean }): Promise<RulesCostEngine> {
  let attempts = 0;
  const rateReply = { code: 421, enhanced: '4.7.28', text: 'unusual rate of mail', command: 'message' as const };
  const running: SpoolEngine = await startSpoolEngine({
    ...{ directory, config: config(withRules), automationFile: withRules ? keptActions() : memoryRecordFile() },
    script: {
      deliverMs: () => 1,
      chains: true,
      outcome: () => (++attempts % deferredEvery === 0 ? { kind: 'deferred', bounceClass: 'rate_limited', reply: rateReply } : {}),
    },
  });
  let accepted = 0;
  const turn = async (most: number): Promise<void> => {
    const room = Math.max(0, Math.min(most, outstanding - (accepted - attempts)));
    const nowMs = Date.now();
    const domain = (): string => `${providerKey(accepted++)}.example`;
    await running.accept(
      Array.from({ length: room }, () => messageTo({ tenant: 1, domain: domain(), bytes: messageBytes, lifeMs, nowMs })),
    );
    await new Promise((resolve) => setImmediate(resolve));
  };
  const runUntil = async (endMs: number): Promise<void> => {
    while (performance.now() < endMs) await turn(acceptsATurn);
  };
  return {
    actions: () => running.engine.activeActions(),
    async flow(warmMs, flowMs) {
      await runUntil(performance.now() + warmMs);
      const [fromMs, before, cpu] = [performance.now(), attempts, process.cpuUsage()];
      await runUntil(fromMs + flowMs);
      const used = process.cpuUsage(cpu);
      const measured = attempts - before;
      const tookMs = performance.now() - fromMs;
      while (attempts < accepted) await turn(0);
      const cpuSecondsPer1000 = (used.user + used.system) / 1e3 / Math.max(1, measured);
      return { attempts: measured, ratePerSecond: Math.round((measured * 1000) / tookMs), cpuSecondsPer1000 };
    },
    stop: () => running.stop(),
  };
}
