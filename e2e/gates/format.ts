// `npm run format`: writes every file in the project's format.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from './gate-run.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const result = await runTool('format', join(root, 'node_modules/.bin/prettier'), ['--write', '--log-level', 'warn', '.'], root);
if (result.output !== '') console.log(result.output);
process.exitCode = result.ok ? 0 : 1;
