// The wire of SMTP as a client: codecs and the session machine. No sockets, no time, no policy.
export { noCapabilities, readCapabilities, type Capabilities } from './capabilities.ts';
export { isEhloName, wireAddress, type WireAddress } from './commands.ts';
export { DotStuffer } from './data.ts';
export { ReplyParser, MAX_REPLY_BYTES, MAX_REPLY_LINE_BYTES, type ParsedReply, type SmtpReply } from './reply.ts';
export { ClientSession, type SessionAction } from './session.ts';
export { defaultTimeouts, type SmtpTimeouts } from './timers.ts';
export type { Breakage, Obstacle, Phase, RecipientResult, TransactionRequest } from './transaction.ts';
