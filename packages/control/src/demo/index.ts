// The demonstration: what it sends as, and the traffic itself. Its configuration is seeded through Control.startUp.
export { demoCredential, type DemoCredential } from './seed.ts';
export { maxRatePerSecond, runTraffic, type TrafficOptions } from './traffic.ts';
