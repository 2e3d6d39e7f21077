// The states of a client session, and what each means on its own: what may follow, how many replies are owed, how long to wait, and
// which command a failure belongs to.
import type { DeliverySettings } from '@sluice/contract';
import type { Phase, PlannedCommand, Transaction } from './transaction.ts';

export type SessionState =
  | { name: 'greeting' }
  | { name: 'ehlo' }
  | { name: 'helo' }
  | { name: 'starttls' }
  | { name: 'handshake' }
  | { name: 'ready' }
  | { name: 'envelope'; transaction: Transaction; awaiting: PlannedCommand[]; unsent: PlannedCommand[] }
  | { name: 'body'; transaction: Transaction; flushed: boolean }
  /** The peer said 354 although no recipient stands; a lone dot was sent. RFC 2920 section 3.1. */
  | { name: 'void'; transaction: Transaction }
  | { name: 'quitting' }
  | { name: 'ended' };

/** From each state to those that may follow it. */
export const transitions: Record<SessionState['name'], readonly SessionState['name'][]> = {
  greeting: ['ehlo', 'ended'],
  ehlo: ['helo', 'starttls', 'ready', 'ended'],
  helo: ['ready', 'ended'],
  starttls: ['handshake', 'ready', 'ended'],
  handshake: ['ehlo', 'ended'],
  ready: ['envelope', 'quitting', 'ended'],
  envelope: ['body', 'void', 'ready', 'ended'],
  body: ['ready', 'ended'],
  void: ['ready', 'ended'],
  quitting: ['ended'],
  ended: [],
};

export function unreachable(state: never): never {
  throw new Error(`unknown session state ${JSON.stringify(state)}`);
}

/** Replies that the peer owes us. */
export function owedReplies(state: SessionState): number {
  if (state.name === 'envelope') return state.awaiting.length;
  return state.name === 'ready' || state.name === 'handshake' ? 0 : 1;
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
    case 'envelope':
      return settings[commandTimeout[state.awaiting[0]?.command ?? 'mail']];
    case 'body':
      return state.flushed ? settings.messageTimeoutMs : settings.dataBlockTimeoutMs;
    case 'void':
      return settings.messageTimeoutMs;
    case 'quitting':
      return settings.quitTimeoutMs;
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
    case 'envelope':
      return state.awaiting[0]?.command ?? 'mail';
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
