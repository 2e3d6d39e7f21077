// The wire of SMTP as a client: codecs and the session machine. No sockets, no time, no policy.
export { isEhloName } from './commands.ts';
export type { SmtpReply } from './reply.ts';
export { ClientSession } from './session.ts';
export type { SessionAction, TlsWish } from './session-action.ts';
export { octetsOf } from './transaction.ts';
export type { Breakage, Obstacle, Phase, RecipientResult, TransactionRequest } from './transaction.ts';
export { fromXtext, orcptText } from './xtext.ts';
export type { Login } from './login.ts';
export type { SessionListener } from './session-listener.ts';
export type { ParsedReply } from './reply.ts';
export { enhancedIn } from './reply.ts';
