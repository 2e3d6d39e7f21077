// The states of a client session, and what each means on its own: what may follow, how many replies are owed, how long to wait, and
// which command a failure belongs to.
import type { DeliverySettings } from '@sluice/contract';
import type { Breakage, Phase, PlannedCommand, Transaction } from './transaction.ts';

/** A transaction whose envelope left behind the message of the one before. RFC 2920 section 3.1 */
export type Following = { transaction: Transaction; awaiting: PlannedCommand[] };

export type SessionState =
  | { name: 'greeting' }
  | { name: 'ehlo' }
  | { name: 'helo' }
  | { name: 'starttls' }
  | { name: 'handshake' }
  /** Logging in: the lines that are still to be asked for. */
  | { name: 'auth'; unsent: string[] }
  | { name: 'ready' }
  | { name: 'envelope'; transaction: Transaction; awaiting: PlannedCommand[]; unsent: PlannedCommand[] }
  /** The message may go out, and the next envelope behind it. */
  | { name: 'go_ahead'; transaction: Transaction }
  | { name: 'body'; transaction: Transaction; flushed: boolean; following: Following | null }
  /** The peer said 354 although no recipient stands; a lone dot was sent. RFC 2920 section 3.1. */
  | { name: 'void'; transaction: Transaction }
  | { name: 'quitting' }
  | { name: 'ended' };

/** From each state to those that may follow it. */
export const transitions: Record<SessionState['name'], readonly SessionState['name'][]> = {
  greeting: ['ehlo', 'ended'],
  ehlo: ['helo', 'starttls', 'auth', 'ready', 'ended'],
  helo: ['ready', 'ended'],
  starttls: ['handshake', 'auth', 'ready', 'ended'],
  handshake: ['ehlo', 'ended'],
  auth: ['auth', 'ready', 'ended'],
  ready: ['envelope', 'quitting', 'ended'],
  envelope: ['go_ahead', 'void', 'ready', 'ended'],
  go_ahead: ['body', 'ended'],
  body: ['envelope', 'ready', 'ended'],
  void: ['ready', 'ended'],
  quitting: ['ended'],
  ended: [],
};

export function unreachable(state: never): never {
  throw new Error(`unknown session state ${JSON.stringify(state)}`);
}

/** Replies that the peer owes us. */
export function owedReplies(state: SessionState): number {
  switch (state.name) {
    case 'envelope':
      return state.awaiting.length;
    case 'body':
      return state.transaction.owedAfterDot + (state.following?.awaiting.length ?? 0);
    case 'ready':
    case 'handshake':
    case 'go_ahead':
      return 0;
    default:
      return 1;
  }
}

const commandTimeout = {
  rset: 'resetTimeoutMs',
  mail: 'mailTimeoutMs',
  rcpt: 'rcptTimeoutMs',
  data: 'dataTimeoutMs',
} as const satisfies Record<PlannedCommand['command'], keyof DeliverySettings>;

/** How long to wait without anything coming in; null while nobody owes anybody anything. RFC 5321 section 4.5.3.2. */
export function timeoutOf(state: SessionState, settings: DeliverySettings): number | null {
  switch (state.name) {
    case 'greeting':
      return settings.greetingTimeoutMs;
    case 'ehlo':
    case 'helo':
      return settings.ehloTimeoutMs;
    case 'starttls':
      return settings.startTlsTimeoutMs;
    case 'handshake':
      return settings.handshakeTimeoutMs;
    case 'auth':
      return settings.authTimeoutMs;
    case 'envelope':
      return settings[commandTimeout[state.awaiting[0]?.command ?? 'mail']];
    case 'body':
      return state.flushed ? settings.messageTimeoutMs : settings.dataBlockTimeoutMs;
    case 'void':
      return settings.messageTimeoutMs;
    case 'quitting':
      return settings.quitTimeoutMs;
    case 'go_ahead':
    case 'ready':
    case 'ended':
      return null;
    default:
      return unreachable(state);
  }
}

/** The command that is open, or the phase where none is. */
export function phaseOf(state: SessionState): Phase {
  switch (state.name) {
    case 'greeting':
      return 'greeting';
    case 'ehlo':
    case 'helo':
      return 'ehlo';
    case 'starttls':
    case 'handshake':
      return 'starttls';
    case 'auth':
      return 'auth';
    case 'envelope':
      return state.awaiting[0]?.command ?? 'mail';
    case 'go_ahead':
    case 'body':
      return 'message';
    case 'void':
      return 'data';
    case 'ready':
    case 'quitting':
    case 'ended':
      return 'quit';
    default:
      return unreachable(state);
  }
}

/** What a server says that does not know a command, or has lost the order of commands. RFC 5321 section 4.2.4 */
export const notUnderstood: ReadonlySet<number> = new Set([500, 501, 502, 503, 504]);

/** Whatever went wrong while an envelope stood behind a message may come of that, unless the server left in order. */
export function suspectsChaining(state: SessionState, why: Breakage['why']): boolean {
  if (state.name === 'body') return state.following !== null && why !== 'shutdown' && why !== 'content';
  return state.name === 'envelope' && state.transaction.chained && (why === 'protocol' || why === 'timeout');
}

/** Whether the code can be an answer to the command at all. */
export function answers(command: PlannedCommand['command'], code: number): boolean {
  return code >= 400 || (command === 'data' ? code === 354 : code < 300);
}
