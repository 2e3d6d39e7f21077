// A whole engine under virtual time, for questions of the form "what if".
export type { Arrival } from './arrival.ts';
export { ListProblem, listedTraffic } from './listed-traffic.ts';
export { recordedTraffic, type RecordedTraffic } from './recorded-traffic.ts';
export { repeated } from './repeated.ts';
export { simulate, type SimulationReport } from './simulate.ts';
export { readSimulatedConfig, type SimulatedEntity } from './simulated-config.ts';
export type { ProviderReport } from './tally.ts';
export type { WarmUpReport } from './warm-up-report.ts';
