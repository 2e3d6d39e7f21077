// How a flight goes to the socket: in one or several groups of pieces, the next when the kernel took the one before; of a long message
// piece after piece, each read when the one before has left, so that a slow receiver costs one piece of memory.
import type { Socket } from 'node:net';
import type { SessionAction } from '../smtp/index.ts';
import { groupsOf } from './flight-groups.ts';

/** What the kernel surely takes at once when nothing else is on its way. */
const TOGETHER_LIMIT_BYTES = 8 * 1024;

type Flight = Extract<SessionAction, { kind: 'write' }>;
export type FlightEvents = {
  /** Nobody waits for this flight any more. */
  over(): boolean;
  /** The kernel took a part of it. */
  progressed(): void;
  /** The kernel took the whole message, its end included. */
  flushed(): void;
  /** The rest of the message cannot be read. */
  unreadable(detail: string): void;
};

/** A short message takes the envelope behind it along; a long one must be known to have left before its answer can be believed. */
export function writeFlight(socket: Socket, flight: Flight, events: FlightEvents): void {
  const { chunks, final, behind } = flight;
  if (flight.further) return writeGroups(socket, groupsOf(chunks), 0, events, () => void writeFurther(socket, flight, events));
  const bytes = behind ? chunks.reduce((sum, chunk) => sum + chunk.length, 0) : 0;
  const finished = final ? () => events.flushed() : null;
  if (behind && bytes <= TOGETHER_LIMIT_BYTES) return writeGroups(socket, groupsOf([...chunks, behind]), 0, events, finished);
  const last = behind ? () => end(socket, behind, finished) : finished;
  writeGroups(socket, groupsOf(chunks), 0, events, last);
}

function end(socket: Socket, behind: Uint8Array, finished: (() => void) | null): void {
  finished?.();
  socket.write(behind);
}

/** One group after the other, each as one gathered write: what the kernel took of a long message is progress that the timer sees. */
function writeGroups(socket: Socket, groups: Uint8Array[][], index: number, events: FlightEvents, whenDone: (() => void) | null): void {
  const pieces = groups[index] ?? [];
  const last = index >= groups.length - 1;
  const written = (error?: Error | null) => {
    if (error || events.over()) return;
    if (!last) writeGroups(socket, groups, index + 1, events, whenDone);
    else whenDone?.();
    events.progressed();
  };
  if (pieces.length > 1) socket.cork();
  for (const [at, piece] of pieces.entries()) {
    if (at === pieces.length - 1 && (whenDone || !last)) socket.write(piece, written);
    else socket.write(piece);
  }
  if (pieces.length > 1) socket.uncork();
}

/** Piece after piece, then the end; nothing after one that cannot be read. */
async function writeFurther(socket: Socket, { further, behind }: Flight, events: FlightEvents): Promise<void> {
  if (!further) return;
  for (let n = 0; n < further.count; n += 1) {
    let piece: Uint8Array;
    try {
      piece = await further.read(n);
    } catch (error) {
      if (!events.over()) events.unreadable(error instanceof Error ? error.message : 'it cannot be read');
      return;
    }
    if (events.over() || !(await taken(socket, piece, events))) return;
  }
  if (!(await taken(socket, further.end(), events))) return;
  events.flushed();
  if (behind) socket.write(behind);
  events.progressed();
}

/** False when the connection ended meanwhile. */
function taken(socket: Socket, piece: Uint8Array, events: FlightEvents): Promise<boolean> {
  return new Promise((resolve) => {
    socket.write(piece, (error) => {
      const goesOn = !error && !events.over();
      if (goesOn) events.progressed();
      resolve(goesOn);
    });
  });
}
