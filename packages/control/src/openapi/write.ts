// `npm run openapi`: writes the document of the API anew, after a change of the router or of the contract. With `--release` also the one
// that the next changes are held against (docs/api.md says when).
import { copyFileSync, writeFileSync } from 'node:fs';
import { appRouter } from '../router.ts';
import { openApiText } from './document.ts';
import { documentFile, releasedFile } from './files.ts';

writeFileSync(documentFile, openApiText(appRouter));
if (process.argv.includes('--release')) copyFileSync(documentFile, releasedFile);
process.stdout.write('docs/openapi.json is written\n');
