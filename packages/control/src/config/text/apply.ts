// Texts at work: exported, planned and applied; one entity by its name.
import { sectionKinds } from '@sluice/contract';
import type * as api from '@sluice/contract/api';
import type { z } from 'zod';
import { configHead, entityAt } from '@sluice/plane/console';
import { notFound, Refusal } from '../../refusal.ts';
import type { Scope } from '../../scope.ts';
import type { Why } from '../change.ts';
import { readBody } from '../edits.ts';
import { planOf } from '../plan.ts';
import { inWords, writeEdits } from '../write-edits.ts';
import { entryText } from './emit.ts';
import { idOfName } from './find.ts';
import { formOf } from './forms.ts';
import { readText, TextIntent, type Mode } from './intent-of-text.ts';
import { Names } from './names.ts';

export type TextSource = { readonly text: string; readonly mode: Mode };

/** What the text would do. Whatever makes it unreadable is among the findings, with line and column. */
export async function planText(scope: Scope, { text, mode }: TextSource) {
  const parsed = await readText(text);
  try {
    const reading = new TextIntent(scope, parsed, mode);
    const intent = await reading.read();
    return { ...(await planOf(scope, intent, reading.findings)), edits: intent.edits };
  } finally {
    await parsed.close();
  }
}

export async function planConfig(scope: Scope, input: z.output<typeof api.configPlanText.input>) {
  const { edits: _edits, ...plan } = await planText(scope, input);
  await scope.audit({ action: 'config.planText', target: 'config', reason: 'looked at what a text would change', after: plan.counts });
  return plan;
}

type Writing = { readonly why: Why; readonly baseRevision: number | null; readonly lock?: string | undefined };

/** Writes what the text says as one revision. */
export async function writeText(scope: Scope, { text, mode }: TextSource, { why, baseRevision, lock }: Writing) {
  const parsed = await readText(text);
  try {
    return await writeEdits(scope, why, {
      ...{ baseRevision, lock },
      async intend() {
        const reading = new TextIntent(scope, parsed, mode);
        const intent = await reading.read();
        if (reading.findings.length > 0) throw new Refusal('BAD_REQUEST', inWords(reading.findings));
        return intent;
      },
    });
  } finally {
    await parsed.close();
  }
}

export async function applyConfig(scope: Scope, { text, mode, baseRevision, lock, reason }: z.output<typeof api.configApply.input>) {
  return writeText(scope, { text, mode }, { why: { action: 'config.applyText', target: 'config', reason }, baseRevision, lock });
}

export async function getByName(scope: Scope, { section, name }: z.output<typeof api.configGet.input>) {
  const kind = sectionKinds[section];
  const id = await idOfName(scope, kind, name);
  const { number: revision } = await configHead(scope.sql);
  const entity = id === null ? null : await entityAt(scope.sql, { kind, id, revision });
  const body = entity && readBody(kind, entity.body);
  if (id === null || !body) throw notFound(`${name} in ${section}`);
  const text = await new Names(scope, revision).with((nameOf) => entryText(name, formOf(kind).toText(body, nameOf)));
  return { id, revision, text: `${section}:\n${text}` };
}
