// What all requests share: database clients, key-encryption key, live frames, clock and log. Made once by createControl.
import type { PrismaClient, Reads } from '@sluice/db';
import type { FrameListener, QuestionDesk } from '@sluice/plane/console';
import type { AuditWatch } from './audit/watch.ts';
import type { SignInLimit } from './auth/sign-in-limit.ts';

/** The methods of a pino logger that control uses. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface Installation {
  /** Role `sluice_console`: sees nothing until a tenant is set on the transaction. */
  readonly db: PrismaClient;
  /** Sees every tenant and changes nothing: for questions of those who see all. */
  readonly reads: Reads;
  /** Key-encryption key, 32 bytes. */
  readonly kek: Buffer;
  /** Key-encryption keys before it, which open what is not sealed anew yet. */
  readonly oldKeks: readonly Buffer[];
  readonly frames: FrameListener;
  /** Asks running nodes. */
  readonly questions: QuestionDesk;
  readonly egress: 'sandbox' | 'internet';
  readonly demo: boolean;
  readonly version: string;
  /** Origin under which browsers reach the console. */
  readonly publicUrl: string;
  /** Counts guesses of passwords and codes, apart from the transaction that a wrong one undoes. */
  readonly guesses: SignInLimit;
  readonly now: () => Date;
  readonly log: Log;
  /** Checks the audit record all the time. */
  readonly auditWatch: AuditWatch;
}
