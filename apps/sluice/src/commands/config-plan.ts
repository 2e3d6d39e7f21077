// What the words of the configuration share: a text read from a file, and a plan printed before anything is written.
import { readFileSync } from 'node:fs';
import type { SluiceClient } from '@sluice/client';
import type { ConfigDiffItem, ConfigPlan } from '@sluice/contract/api';
import { CommandFailure, exitCodes, print, printable } from './outcome.ts';

export type Json = { json?: boolean };
export const usage = (line: string) => new CommandFailure(line, exitCodes.usage);

export function numberFrom(text: string, what: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usage(`${what} ${printable(text)}: the number of a revision is wanted`);
  return Number(text);
}

export type TextOptions = Json & { merge?: boolean };
export const modeOf = ({ merge }: TextOptions) => (merge ? ('merge' as const) : ('replace' as const));

export function textFrom(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw usage(`${printable(file)} cannot be read`);
  }
}

const signs = { add: '+', change: '~', remove: '-' } as const;

export function printItems(items: readonly ConfigDiffItem[], total: number): void {
  for (const { kind, name, action, fields } of items) {
    print(printable(`${signs[action]} ${kind.replaceAll('_', ' ')} ${name}`));
    for (const { field, from, to } of fields)
      print(
        printable(
          `    ${field}: ${from === null ? '' : from}${from !== null && to !== null ? ' -> ' : ''}${to ?? (from === null ? '' : ' (gone)')}`,
        ),
      );
  }
  if (total > items.length) print(`and ${total - items.length} more`);
}

export function printPlan(plan: ConfigPlan): void {
  printItems(plan.items, plan.total);
  for (const note of plan.notes) print(printable(`note: ${note}`));
  for (const { level, about, field, message, line, column } of plan.findings) {
    const place = line === null ? '' : `line ${line}, column ${column ?? 1}: `;
    print(printable(`${level}: ${place}${[about, field].filter(Boolean).join(', ')}: ${message}`));
  }
  if (plan.total === 0) return print(`nothing changes (revision ${plan.baseRevision})`);
  const { add, change, remove } = plan.counts;
  print(`${add} to add, ${change} to change, ${remove} to remove, on revision ${plan.baseRevision}`);
  if (!plan.touches) return;
  const { queues, messages, exact, sources, tenants, silent } = plan.touches;
  print(`touches ${exact ? '' : 'about '}${messages} waiting messages in ${queues} queues`);
  if (sources.length > 0) print(printable(`sources: ${sources.join(', ')}`));
  if (tenants.length > 0) print(printable(`tenants: ${tenants.join(', ')}`));
  if (silent.length > 0) print(printable(`did not answer: ${silent.join(', ')}`));
}

export const failsOn = ({ findings }: ConfigPlan): void => {
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (errors > 0) throw new CommandFailure(`${errors} ${errors === 1 ? 'error' : 'errors'}: nothing was changed`);
};

/** A text with the revision that it stands on: that of its plan unless told. The plan was shown and has no errors. */
export async function plannedText(client: SluiceClient, file: string, options: TextOptions & { base?: string }) {
  const text = { text: textFrom(file), mode: modeOf(options) };
  const plan = await client.config.planText.mutate(text);
  if (!options.json) printPlan(plan);
  failsOn(plan);
  const baseRevision = options.base === undefined ? plan.baseRevision : numberFrom(options.base, '--base');
  return { plan, document: { ...text, baseRevision } };
}
