// The real file system for whoever only looks: files are opened for reading, and whatever would change anything is an error. What is read
// may lie on a disk that is mounted read-only, or belong to an engine that runs.
import * as fs from 'node:fs';
import type { Files } from '../ports.ts';
import { nodeFiles } from './files.ts';

function refuse(): never {
  throw Object.assign(new Error('these files are only read'), { code: 'EROFS' });
}

export function readOnlyFiles(): Files {
  const changing = { makeDirectory: refuse, create: refuse, write: refuse, datasync: refuse, truncate: refuse };
  return { ...nodeFiles(), ...changing, rename: refuse, remove: refuse, syncDirectory: refuse, open: (path) => fs.openSync(path, 'r') };
}
