// The control plane without HTTP: what apps may use of it.
export { appRouter, type AppRouter } from './router.ts';
export type { Actor } from './actor.ts';
