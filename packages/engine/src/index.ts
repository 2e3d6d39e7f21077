// The delivery engine's public face: compose it with createEngine. Start reading at engine.ts.
export {
  createEngine,
  defaultGraceMs,
  type Engine,
  type EngineOptions,
  type EnginePorts,
  type EngineState,
  type EngineStatus,
} from './engine.ts';
export { noGauges, type HostGauges } from './metrics.ts';
export { createConfiguration, type Configuration, type ConfigurationPorts } from './config/configuration.ts';
export { recordFile, type RecordFile } from './config/record-file.ts';
export { localLimitStore } from './limits/local-limit-store.ts';
export { engineVersion } from './config/engine-version.ts';
export type { Generation, WithId } from './config/generation.ts';
export type * from './entry.ts';
export type * from './ports.ts';
export { MtaSts } from './route/mta-sts.ts';
export { SpoolError } from './ports.ts';
export * from './host/index.ts';
export * from './inject/index.ts';
export * from './message/index.ts';
export * from './deliver/index.ts';
export * from './spool/index.ts';
export * from './events/index.ts';
export * from './spool/index.ts';
export * from './deliver/index.ts';
export * from './events/index.ts';
