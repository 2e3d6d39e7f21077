// Failures of the embedded database that an operator can do something about, each with a code for the supervisor's one-line message.

export type EmbeddedPostgresFailure =
  'port_taken' | 'no_binaries' | 'no_account' | 'no_password' | 'no_data' | 'init_failed' | 'start_failed' | 'in_use' | 'stop_failed';

export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresFailure;
  constructor(code: EmbeddedPostgresFailure, message: string) {
    super(message);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}
