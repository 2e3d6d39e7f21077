// The console's end of the plane: what it publishes to engines and what it reads of their reports. Every verb runs on the caller's
// connection, under the tenant of the caller's transaction.
export type { Sql } from './sql.ts';
export { publishRevision, RevisionRefused } from './publish-revision.ts';
export type { ConfigChange, RevisionDraft } from './publish-revision.ts';
export { putSecret, deleteSecret } from './put-secret.ts';
export { issueCommand } from './issue-command.ts';
export { listCommands } from './list-commands.ts';
export type { CommandWithResults } from './list-commands.ts';
export { QuestionDesk } from './question-desk.ts';
export type { NodeAnswer } from './question-desk.ts';
export { nodes } from './nodes.ts';
export type { NodeRow } from './nodes.ts';
export { searchMessages } from './search-messages.ts';
export type { MessagePage, MessageRow } from './search-messages.ts';
export { timeline } from './timeline.ts';
export { trace } from './trace.ts';
export { lastEvents } from './last-events.ts';
export { domainPlace } from './domain-place.ts';
export { outcomeSeries } from './outcome-series.ts';
export type { OutcomeMinute } from './outcome-series.ts';
export { sourceTotals } from './source-totals.ts';
export type { SourceTotals } from './source-totals.ts';
export { revisions } from './revisions.ts';
export type { RevisionRow } from './revisions.ts';
export { ensureEventPartitions, dropEventPartitions } from './event-partitions.ts';
export { FrameListener } from './frame-listener.ts';
export type { FrameHandler, FrameListenerOptions } from './frame-listener.ts';
