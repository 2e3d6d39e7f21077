// Reads a text of the configuration on a thread of its own, since that takes seconds where it is large: YAML with the places of its parts,
// no aliases, no key twice. Entries leave in batches, in order; then the thread answers where a path stands until it is ended.
import { parentPort, workerData } from 'node:worker_threads';
import { isMap, isScalar, LineCounter, parseDocument, type Node, type Pair } from 'yaml';
import type { FromThread, Place, ToThread } from './parse.ts';

const batchSize = 200;
const maxProblems = 20;

function run(port: NonNullable<typeof parentPort>, text: string): void {
  const say = (message: FromThread) => port.postMessage(message);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false, version: '1.2', prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    say({ kind: 'broken', problems: document.errors.slice(0, maxProblems).map(({ message, pos }) => ({ ...placeAt(pos[0]), message })) });
    return;
  }
  let whole: unknown;
  try {
    // No aliases: a few lines of them can stand for gigabytes.
    whole = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    say({ kind: 'broken', problems: [{ line: 1, column: 1, message: error instanceof Error ? error.message : 'it cannot be read' }] });
    return;
  }
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) {
    say({ kind: 'broken', problems: [{ line: 1, column: 1, message: 'sections are expected, such as sources:' }] });
    return;
  }
  for (const [section, entries] of Object.entries(whole)) {
    const isMapOfEntries = typeof entries === 'object' && entries !== null && !Array.isArray(entries);
    const named: [string, unknown][] = isMapOfEntries ? Object.entries(entries as object) : [];
    // Nothing where entries are expected is a slip, and would mean to take all of them away.
    say({ kind: 'section', section, entries: isMapOfEntries, scalar: isMapOfEntries ? null : entries });
    for (let at = 0; at < named.length; at += batchSize) say({ kind: 'entries', section, entries: named.slice(at, at + batchSize) });
  }
  say({ kind: 'end' });
  port.on('message', ({ id, path }: ToThread) => {
    say({ kind: 'place', id, place: placeAt(offsetOf(document.contents, path)) });
  });
}

/** Where the last part of the path that is there begins: its key in a map, its value in a list. */
function offsetOf(root: unknown, path: readonly string[]): number {
  let node = root;
  let offset = rangeOf(root);
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item: Pair) => (isScalar(item.key) ? String(item.key.value) : String(item.key)) === part);
      if (!pair) return offset;
      offset = rangeOf(pair.key) || offset;
      node = pair.value;
    } else if (typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items)) {
      const item: unknown = node.items[Number(part)];
      if (item === undefined) return offset;
      offset = rangeOf(item) || offset;
      node = item;
    } else return offset;
  }
  return offset;
}

function rangeOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}

if (parentPort) run(parentPort, (workerData as { text: string }).text);
