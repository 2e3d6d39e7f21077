// The control plane without HTTP: what apps may use of it.
export { appRouter, type AppRouter } from './router.ts';
export { createControl, type Control, type ControlOptions, type Peer } from './http.ts';
export type { Actor } from './actor.ts';
export type { Log } from './installation.ts';
export type { StartUp } from './start-up.ts';
export type { DemoCredential } from './demo/seed.ts';
