// The configuration as one text: sections in their order, entries sorted by name, names instead of ids, secrets as references. Read page by
// page as of one revision and written entry by entry, so that only the text itself grows with the installation. The same configuration
// always gives the same text, whatever the ids.
import { configFormat, configSections, sectionKinds, type ConfigSection, type EntityBody } from '@sluice/contract';
import { configHead, entitiesAt } from '@sluice/plane/console';
import type { Scope } from '../../scope.ts';
import { readBody } from '../edits.ts';
import { givingWay } from '../in-slices.ts';
import { entryText } from './emit.ts';
import { formOf } from './forms.ts';
import { Names, nameOfBody } from './names.ts';

const pageSize = 500;

export async function exportText(
  scope: Scope,
  sections: readonly ConfigSection[] = configSections,
): Promise<{ revision: number; text: string }> {
  const { number: revision } = await configHead(scope.sql);
  const names = new Names(scope, revision);
  const parts = [`sluice: ${configFormat}\n`];
  for (const section of configSections) if (sections.includes(section)) parts.push(await sectionText(scope, section, revision, names));
  return { revision, text: parts.join('') };
}

async function sectionText(scope: Scope, section: ConfigSection, revision: number, names: Names): Promise<string> {
  const kind = sectionKinds[section];
  const form = formOf(kind);
  const entries: { name: string; text: string }[] = [];
  const give = givingWay();
  let after: string | null = null;
  do {
    const page = await entitiesAt(scope.sql, { kind, revision, after, limit: pageSize });
    const bodies: EntityBody[] = [];
    for (const { body } of page.entities) {
      await give();
      const read = readBody(kind, body);
      if (read !== null) bodies.push(read);
    }
    entries.push(
      ...(await names.with((nameOf) =>
        bodies.map((body) => {
          const name = nameOfBody(kind, body, nameOf);
          return { name, text: entryText(name, form.toText(body, nameOf)) };
        }),
      )),
    );
    after = page.last;
  } while (after !== null);
  if (entries.length === 0) return `${section}: {}\n`;
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${section}:\n${entries.map(({ text }) => text).join('')}`;
}
