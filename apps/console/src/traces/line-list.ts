// The lines of a trace as the browser keeps them: what came is added behind what is known, bounded, and looked through by text and session.
import type { TraceLine } from '@sluice/contract';

export type Line = TraceLine & { node: string };
/** Lines that a page keeps; the oldest give way. */
export const keptLines = 20_000;
export type Known = { lines: readonly Line[]; after: Readonly<Record<string, number>>; forgotten: number };
export const nothingKnown: Known = { lines: [], after: {}, forgotten: 0 };

/** Adds what is newer than what is known; what came twice is added once. */
export function withLines(known: Known, came: readonly Line[], most = keptLines): Known {
  const after = { ...known.after };
  const fresh = came.filter((line) => line.seq > (after[line.node] ?? 0));
  if (fresh.length === 0) return known;
  for (const { node, seq } of fresh) after[node] = Math.max(after[node] ?? 0, seq);
  const all = [...known.lines, ...fresh];
  const over = Math.max(0, all.length - most);
  return { lines: all.slice(over), after, forgotten: known.forgotten + over };
}

export const sessionOf = ({ node, session }: Line): string => `${node} ${session}`;

/** Sessions in the order in which they appeared. */
export function sessionsIn(lines: readonly Line[]): string[] {
  return [...new Set(lines.map(sessionOf))];
}

export function matching(lines: readonly Line[], { text, session }: { text: string; session: string }): Line[] {
  const wanted = text.trim().toLowerCase();
  return lines.filter((line) => (session === '' || sessionOf(line) === session) && line.text.toLowerCase().includes(wanted));
}
