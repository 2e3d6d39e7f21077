// Where the document lies in the project: what the router is now, what was released last, and which breaks with that are meant.
import { fileURLToPath } from 'node:url';

const inDocs = (name: string): string => fileURLToPath(new URL(`../../../../docs/${name}`, import.meta.url));
export const documentFile = inDocs('openapi.json');
export const releasedFile = inDocs('openapi.released.json');
export const breaksFile = inDocs('openapi.breaks.json');
