// The one package on which both planes agree: what is configured, commanded, reported and shown. Pure schemas; no I/O.
export * from './names.ts';
export * from './delivery-settings.ts';
export * from './setting-text.ts';
export * from './reply-rule.ts';
export * from './entities.ts';
export * from './automation.ts';
export * from './automation-action.ts';
export * from './automation-text.ts';
export * from './delivery-event.ts';
export * from './command.ts';
export * from './decision.ts';
export * from './question.ts';
export * from './source-health.ts';
export * from './tls-report.ts';
export * from './trace.ts';
export * from './metrics-frame.ts';
export * from './secret.ts';
