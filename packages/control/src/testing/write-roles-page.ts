// Writes the generated parts of docs/roles.md again. Run it with node after a procedure was added: the test of access compares the two.
import { readFile, writeFile } from 'node:fs/promises';
import { accessTable, rolesInWords } from '../access-table.ts';

const page = new URL('../../../../docs/roles.md', import.meta.url);
const text = await readFile(page, 'utf8');

function between(whole: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/roles.md has no place for ${name}`);
  return `${whole.slice(0, from + begin.length)}\n\n${table}\n\n${whole.slice(to)}`;
}

await writeFile(page, between(between(text, 'roles', rolesInWords()), 'procedures', accessTable()));
