// How a flight goes to the socket: small ones copied into one buffer, large ones in groups of pieces as they lie in memory.

/** Up to here a flight is copied into one buffer, which costs less than a gathered write; above it the pieces are gathered. */
const COPY_LIMIT_BYTES = 64 * 1024;
/** Octets handed to the kernel at a time: a receiver that takes so much within the timer is slow, not silent. RFC 5321 section 4.5.3.2.5 */
const GROUP_BYTES = 256 * 1024;

/** Cuts a flight into what is written at a time. */
export function groupsOf(chunks: Uint8Array[]): Uint8Array[][] {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (bytes <= COPY_LIMIT_BYTES) return [chunks.length === 1 ? chunks : [Buffer.concat(chunks)]];
  const groups: Uint8Array[][] = [[]];
  let room = GROUP_BYTES;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const piece = chunk.subarray(from, from + room);
      groups.at(-1)?.push(piece);
      from += piece.length;
      room -= piece.length;
      if (room > 0) continue;
      groups.push([]);
      room = GROUP_BYTES;
    }
  }
  return groups.filter((group) => group.length > 0);
}

/** `tls` is set when the handshake or the peer's identity was the trouble, or TLS was wanted and not to be had. */
