// The node's end of the plane. `openEnginePlane` is all a host needs; the parts are exported for tests and drills.
export { openEnginePlane } from './plane.ts';
export type { EnginePlane } from './plane.ts';
export type { AnchorKeeper } from './audit-anchor.ts';
export type { FleetShare, NodeKeyState, ShareHolder } from './fleet-shares.ts';
export { EngineDatabase } from './database.ts';
export { PgConfigFeed } from './config-feed.ts';
export { PgSecretFeed } from './secret-feed.ts';
export { PgCommandSource } from './command-source.ts';
export { PgFrameSink } from './frame-sink.ts';
export { shipBatch, readPosition } from './ship-batch.ts';
export type { LogName, LogPosition, ShipResult, Stretch } from './ship-batch.ts';
export type { Connection, LoggedEvent } from './event-insert.ts';
export type { PlaneLog } from './ports.ts';
