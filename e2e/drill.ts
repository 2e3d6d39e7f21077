// `npm run drill -- NAME`: proofs that take minutes, one file each in drills/. Exit code 0 only when the drill's bar holds.
import { fileURLToPath } from 'node:url';
import { namedFiles, runNamed } from './named-run.ts';

runNamed('drill', namedFiles(fileURLToPath(new URL('drills', import.meta.url))), process.argv.slice(2));
