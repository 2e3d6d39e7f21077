// Doubles of the engine's ports, for tests and drills of any workspace. Never imported by what ships.
export { PowerCutFiles, PowerCutError, type PowerCutOptions, type Failure } from './power-cut-files.ts';
export { fakeClock, seededRandom, settlePromises, type FakeClock } from './fake-clock.ts';
export { memorySpool, type MemorySpool } from './memory-spool.ts';
export { memoryRecordFile, type MemoryRecordFile } from './memory-record-file.ts';
export { deliveredOutcome, simulatedAttempter, type Delivery, type Script, type SimulatedAttempter } from './simulated-attempter.ts';
export { powerCutPoints, type PowerCutFigures, type Violation } from './power-cut-run.ts';
export { openSampleSpool, writeSampleSpool, type SampleSpool } from './sample-spool.ts';
export {
  blockedCases,
  seedBlocked,
  startBlocked,
  type BlockedCase,
  type BlockedEngine,
  type BlockedFlow,
  type BlockedMemory,
  type BlockedSeed,
  type BlockedStart,
} from './blocked-run.ts';
export { startRulesCost, type RulesCostEngine, type RulesCostFlow } from './rules-cost-run.ts';
export { runManyDomains, type ManyDomainsFigures } from './many-domains-run.ts';
export { runSmallLimits, smallLimitsHold, type SmallLimitFigures } from './small-limits-run.ts';
export { startLongDeferral, type LongDeferralEngine, type LongDeferralFlow } from './long-deferral-run.ts';
export { runAsEngine } from './engine-process.ts';
export { engineRig, limitEntity, type EngineRig } from './engine-rig.ts';
export { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './sample-config.ts';
export { judge, scopeOf } from '../deliver/classify.ts';
export { startWarmUpRun, type WarmUpRun, type WarmUpRunOptions } from './warm-up-run.ts';
