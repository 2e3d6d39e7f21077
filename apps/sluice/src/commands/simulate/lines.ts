// The lines of a file, one after the other, without holding the file: a list of a day's mail is hundreds of megabytes.
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const chunkBytes = 1 << 20;
const maxLineLength = 1 << 20;

export function* linesOf(path: string): Generator<string> {
  const handle = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let rest = '';
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) {
      const parts = (rest + decoder.write(chunk.subarray(0, read))).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > maxLineLength) throw new Error(`a line of ${path} is longer than ${maxLineLength} characters`);
      yield* parts.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
  } finally {
    closeSync(handle);
  }
}
