// Input and output of every procedure, by noun. The router in control implements exactly these; console, client and docs read them.
export * from './page.ts';
export * from './session.ts';
export * from './users.ts';
export * from './tenants.ts';
export * from './egress.ts';
export * from './source-health.ts';
export * from './commands.ts';
export * from './automations.ts';
export * from './decisions.ts';
export * from './traces.ts';
export * from './delivery-settings.ts';
export * from './messages.ts';
export * from './overview.ts';
export * from './config.ts';
export * from './config-plan.ts';
export * from './warm-ups.ts';
