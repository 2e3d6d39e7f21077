// What a session asks of the connection that carries it, and the bytes of its flights.
import { chunkCommand, chunkOf, DotStuffer } from './data.ts';
import { unreachable, type SessionState } from './session-state.ts';
import {
  octetsOf,
  type Breakage,
  type PlannedCommand,
  type RecipientResult,
  type Transaction,
  type TransactionRequest,
} from './transaction.ts';

/**
 * How a session asks for TLS. `opportunistic`: where offered, and a refusal is no obstacle. `when_offered`: a refusal of what was offered
 * ends the session. `always`: so does a server that offers none.
 */
export type TlsWish = 'never' | 'opportunistic' | 'when_offered' | 'always';

/** What follows the chunks of a long message: piece after piece, each asked for when the one before has left, then the end. */
export type FurtherFlight = { readonly count: number; read(n: number): Promise<Uint8Array>; end(): Uint8Array };

export type SessionAction =
  /** One flight. After one with `final`, call `flushed` once the kernel has all chunks; `behind` leaves with them or right after. */
  | { kind: 'write'; chunks: Uint8Array[]; final: boolean; behind: Uint8Array | null; further?: FurtherFlight | null }
  /** Start TLS on the socket, then call `secured`. */
  | { kind: 'upgrade' }
  | { kind: 'ready' }
  /** The message may go out: call `send`. */
  | { kind: 'go_ahead' }
  | { kind: 'setup_failed'; breakage: Breakage }
  | { kind: 'results'; results: RecipientResult[] }
  | { kind: 'close' };

export function flight(lines: readonly string[]): SessionAction {
  return { kind: 'write', chunks: [Buffer.from(lines.join(''), 'utf8')], final: false, behind: null };
}

export const linesOf = (plan: readonly PlannedCommand[]): string[] => plan.map((planned) => planned.line);

/** The message with its final dot, or as the one and last chunk, and behind it the commands of the next transaction. RFC 2920 section 3.1 */
export function messageFlight({ request, chunked }: Transaction, behind: readonly PlannedCommand[]): SessionAction {
  const pieces = request.chunks.filter((chunk) => chunk.length > 0);
  const commands = behind.length > 0 ? Buffer.from(linesOf(behind).join(''), 'utf8') : null;
  if (request.further) return longFlight(request, request.further, chunked, commands);
  return { kind: 'write', chunks: chunked ? chunkOf(pieces) : stuffed(pieces), final: true, behind: commands };
}

/** The beginning of a message that is not held whole, and how the rest of it goes on the wire. */
function longFlight(
  request: TransactionRequest,
  { count, read }: NonNullable<TransactionRequest['further']>,
  chunked: boolean,
  behind: Uint8Array | null,
): SessionAction {
  if (chunked) {
    const chunks = [chunkCommand(octetsOf(request)), ...request.chunks];
    return { kind: 'write', chunks, final: true, behind, further: { count, read, end: () => new Uint8Array(0) } };
  }
  const stuffer = new DotStuffer();
  const chunks = request.chunks.map((chunk) => stuffer.encode(chunk));
  const further = { count, read: async (n: number) => stuffer.encode(await read(n)), end: () => stuffer.end() };
  return { kind: 'write', chunks, final: true, behind, further };
}

function stuffed(pieces: readonly Uint8Array[]): Uint8Array[] {
  const stuffer = new DotStuffer();
  const chunks = pieces.map((piece) => stuffer.encode(piece));
  chunks.push(stuffer.end());
  return chunks;
}

/** The results of the transaction under way, and of one behind it that nobody answers any more. */
export function resultsOf(state: Extract<SessionState, { transaction: Transaction }>): SessionAction[] {
  const results: SessionAction[] = [{ kind: 'results', results: state.transaction.results() }];
  if (state.name !== 'body' || !state.following) return results;
  const { transaction } = state.following;
  transaction.break({ phase: 'mail', why: 'closed', reply: null, detail: 'the connection ended before the envelope was answered' }, false);
  return [...results, { kind: 'results', results: transaction.results() }];
}

/** What the end of a session means in the state it was in: whoever waits is told. */
export function actionsOfEnd(state: SessionState, breakage: Breakage): SessionAction[] {
  switch (state.name) {
    case 'greeting':
    case 'ehlo':
    case 'helo':
    case 'starttls':
    case 'handshake':
    case 'auth':
      return [{ kind: 'setup_failed', breakage }, { kind: 'close' }];
    case 'envelope':
    case 'go_ahead':
    case 'body':
    case 'void':
      if (state.name === 'envelope' && breakage.reply) state.transaction.answered = true;
      // 421 is an answer to the dot; silence and nonsense leave the fate of the message open.
      state.transaction.break(breakage, state.name === 'body' && state.flushed && breakage.why !== 'shutdown');
      return [...resultsOf(state), { kind: 'close' }];
    case 'ready':
    case 'quitting':
      return [{ kind: 'close' }];
    case 'ended':
      return [];
    default:
      return unreachable(state);
  }
}
