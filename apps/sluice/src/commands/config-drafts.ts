// `sluice config drafts`: texts that are gathered, looked at by others, and become one revision when they are published. A draft is called by
// its name, or by its id where several authors have one of that name.
import type { Command } from 'commander';
import type { SluiceClient } from '@sluice/client';
import { failsOn, plannedText, printPlan, type Json, type TextOptions } from './config-plan.ts';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';
import { waitForRevision } from './wait-for-revision.ts';

type Draft = Awaited<ReturnType<SluiceClient['config']['drafts']['query']>>[number];

/** The own draft of that name before one of others. */
async function draftCalled(client: SluiceClient, wanted: string): Promise<Draft> {
  const drafts = await client.config.drafts.query();
  const called = drafts.filter(({ id, name }) => id === wanted || name === wanted);
  const [first, ...others] = called.some(({ mine }) => mine) ? called.filter(({ mine }) => mine) : called;
  if (!first)
    throw new CommandFailure(`draft ${printable(wanted)}: there is none; sluice config drafts list shows them`, exitCodes.notFound);
  if (others.length === 0) return first;
  const ids = [first, ...others].map(({ id, author }) => `${id} (${author})`).join(', ');
  throw new CommandFailure(`draft ${printable(wanted)}: several have that name, give the id: ${printable(ids)}`, exitCodes.conflict);
}

async function list({ json }: Json): Promise<void> {
  const drafts = await connect().client.config.drafts.query();
  if (json) return printJson(drafts);
  for (const { id, name, author, baseRevision, mode, updatedAt } of drafts) printRow(name, author, baseRevision, mode, updatedAt, id);
  if (drafts.length === 0) print('no drafts');
}

async function show(wanted: string, { json }: Json): Promise<void> {
  const { client } = connect();
  const draft = await client.config.draft.query({ id: (await draftCalled(client, wanted)).id });
  if (json) printJson(draft);
  else process.stdout.write(draft.text);
}

async function save(name: string, file: string, options: TextOptions & { base?: string }): Promise<void> {
  const { client } = connect();
  const { document } = await plannedText(client, file, options);
  const made = await client.config.saveDraft.mutate({ name, ...document });
  if (options.json) printJson(made);
  else print(printable(`saved as the draft ${name}; nothing is changed until it is published`));
}

async function planDraft(client: SluiceClient, { id, baseRevision }: Draft, { json }: Json) {
  const plan = await client.config.planDraft.query({ id });
  if (json) return plan;
  printPlan(plan);
  if (plan.moved.length > 0) print(printable(`others changed since revision ${baseRevision}: ${plan.moved.join(', ')}`));
  return plan;
}

async function plan(wanted: string, options: Json): Promise<void> {
  const { client } = connect();
  const planned = await planDraft(client, await draftCalled(client, wanted), options);
  if (options.json) printJson(planned);
  failsOn(planned);
}

type PublishOptions = Json & { overwrite?: boolean; lock?: string; reason: string; wait?: boolean };

async function publish(wanted: string, { json, overwrite, lock, reason, wait }: PublishOptions): Promise<void> {
  const { client } = connect();
  const draft = await draftCalled(client, wanted);
  failsOn(await planDraft(client, draft, { json }));
  const made = await client.config.publishDraft.mutate({ id: draft.id, overwrite: overwrite ?? false, lock, reason });
  if (json) printJson(made);
  else print(`published as revision ${made.revision}`);
  if (wait) await waitForRevision(client, made.revision);
}

async function discard(wanted: string, { json }: Json): Promise<void> {
  const { client } = connect();
  const draft = await draftCalled(client, wanted);
  const answer = await client.config.discardDraft.mutate({ id: draft.id });
  if (json) printJson(answer);
  else print(printable(`the draft ${draft.name} is gone; the configuration is as it was`));
}

export function addDraftCommands(config: Command): void {
  const drafts = config.command('drafts').description('texts that wait to become one revision each');
  const json = ['--json', 'print JSON'] as const;
  const called = ['<draft>', 'name or id'] as const;
  const add = (name: string, description: string) => drafts.command(name).description(description);
  add('list', 'name, author, revision it was begun on, mode, last change, id')
    .option(...json)
    .action(list);
  add('show', 'the text of one')
    .argument(...called)
    .option(...json)
    .action(show);
  add('save', 'keep a text as a draft, or put it in the place of your draft of that name')
    .argument('<name>', 'at most 80 characters')
    .argument('<file>', 'YAML; - for standard input')
    .option('--merge', 'change only what the text names; without it a section of the text is the whole section')
    .option('--base <revision>', 'the revision it was begun on; the newest when left out')
    .option(...json)
    .action(save);
  add('plan', 'what it would change now, what is wrong with it, and what others changed meanwhile')
    .argument(...called)
    .option(...json)
    .action(plan);
  add('publish', 'make its edits one revision')
    .argument(...called)
    .option('--overwrite', 'also what others changed since it was begun')
    .option('--lock <name>', 'name of the lock, for sections that are managed elsewhere')
    .option('--wait', 'until every node has it')
    .option(...json)
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(publish);
  add('discard', 'delete it; nothing else changes')
    .argument(...called)
    .option(...json)
    .action(discard);
}
