// `sluice config`: the configuration as text, its revisions, and who manages what. What a plan shows, `apply` and `rollback` show too, before
// they write against the very revision that was shown.
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { configSections, type ConfigSection } from '@sluice/contract';
import { addDraftCommands } from './config-drafts.ts';
import {
  failsOn,
  modeOf,
  numberFrom,
  plannedText,
  printItems,
  printPlan,
  textFrom,
  usage,
  type Json,
  type TextOptions,
} from './config-plan.ts';
import { connect } from './connection.ts';
import { CommandFailure, print, printable, printJson } from './outcome.ts';
import { waitForRevision } from './wait-for-revision.ts';

function sectionFrom(text: string): ConfigSection {
  const section = configSections.find((one) => one === text);
  if (!section) throw usage(`${printable(text)}: one of ${configSections.join(', ')}`);
  return section;
}

async function exportConfig(options: Json & { section?: string[]; out?: string }): Promise<void> {
  const sections = options.section?.map(sectionFrom);
  const answer = await connect().client.config.export.query(sections ? { sections } : {});
  if (options.json) return printJson(answer);
  if (options.out === undefined) process.stdout.write(answer.text);
  else writeFileSync(options.out, answer.text);
  process.stderr.write(`revision ${answer.revision}\n`);
}

async function planConfig(file: string, options: TextOptions): Promise<void> {
  const plan = await connect().client.config.planText.mutate({ text: textFrom(file), mode: modeOf(options) });
  if (options.json) printJson(plan);
  else printPlan(plan);
  failsOn(plan);
}

type WriteOptions = TextOptions & { reason: string; base?: string; lock?: string; wait?: boolean };

async function applyConfig(file: string, options: WriteOptions): Promise<void> {
  const { client } = connect();
  const { plan, document } = await plannedText(client, file, options);
  const made = await client.config.applyText.mutate({ ...document, lock: options.lock, reason: options.reason });
  if (options.json) printJson(made);
  else print(plan.total === 0 ? `nothing to do` : `applied as revision ${made.revision}`);
  if (options.wait) await waitForRevision(client, made.revision);
}

async function rollBack(
  to: string,
  options: Json & { reason: string; only?: string[]; lock?: string; dryRun?: boolean; wait?: boolean },
): Promise<void> {
  const { client } = connect();
  const target = numberFrom(to, 'to');
  const whole = await client.config.rollBackPlan.query({ to: target });
  const entities = options.only?.map((text) => {
    const item = whole.items.find(({ kind, name, id }) => text === `${kind}:${name}` || text === `${kind}:${id}`);
    if (!item) throw usage(`--only ${printable(text)}: did not change since revision ${target}; write it as kind:name, such as pool:bulk`);
    return { kind: item.kind, id: item.id };
  });
  const plan = entities ? await client.config.rollBackPlan.query({ to: target, entities }) : whole;
  if (options.json && options.dryRun) return printJson(plan);
  if (!options.json) printPlan(plan);
  failsOn(plan);
  if (options.dryRun) return;
  const { baseRevision } = plan;
  const made = await client.config.rollBack.mutate({ to: target, entities, baseRevision, lock: options.lock, reason: options.reason });
  if (options.json) printJson(made);
  else print(`rolled back to ${target} as revision ${made.revision}`);
  if (options.wait) await waitForRevision(client, made.revision);
}

async function diff(from: string, to: string | undefined, { json }: Json): Promise<void> {
  const { client } = connect();
  const [newest] = (await client.config.revisions.query({ limit: 1 })).items;
  const until = to === undefined ? (newest?.number ?? 0) : numberFrom(to, 'to');
  const answer = await client.config.diff.query({ from: numberFrom(from, 'from'), to: until });
  if (json) return printJson(answer);
  printItems(answer.items, answer.total);
  if (answer.total === 0) print('no difference');
}

async function log({ json, limit }: Json & { limit: string }): Promise<void> {
  const most = /^\d{1,3}$/.test(limit) ? Number(limit) : 0;
  if (most < 1 || most > 200) throw usage('--limit: 1 to 200');
  const { items } = await connect().client.config.revisions.query({ limit: most });
  if (json) return printJson(items);
  for (const { number, at, author, reason, changes } of items)
    print(printable(`${number}  ${at}  ${author}  ${reason}  (${changes.length} ${changes.length === 1 ? 'change' : 'changes'})`));
}

async function show(name: string, { json }: Json): Promise<void> {
  const at = name.indexOf(':');
  if (at < 1) throw usage(`${printable(name)}: write it as section:name, such as pools:bulk`);
  const answer = await connect().client.config.get.query({ section: sectionFrom(name.slice(0, at)), name: name.slice(at + 1) });
  if (json) printJson(answer);
  else process.stdout.write(answer.text);
}

async function check({ json }: Json): Promise<void> {
  const answer = await connect().client.config.check.query();
  if (json) return printJson(answer);
  for (const { level, about, field, message } of answer.findings)
    print(printable(`${level}: ${[about, field].filter(Boolean).join(', ')}: ${message}`));
  print(answer.total === 0 ? 'nothing to find' : `${answer.total} found`);
  if (answer.findings.some(({ level }) => level === 'error')) throw new CommandFailure('there are errors');
}

async function lock(section: string, { name, reason }: { name: string; reason: string }): Promise<void> {
  await connect().client.config.lock.mutate({ section: sectionFrom(section), name, reason });
  print(printable(`${section} are managed by ${name} now`));
}

async function unlock(section: string, { reason }: { reason: string }): Promise<void> {
  await connect().client.config.unlock.mutate({ section: sectionFrom(section), reason });
  print(printable(`${section} can be edited here again`));
}

async function locks({ json }: Json): Promise<void> {
  const held = await connect().client.config.locks.query();
  if (json) return printJson(held);
  for (const { section, name, lockedBy, reason } of held) print(printable(`${section}: managed by ${name} (${lockedBy}: ${reason})`));
  if (held.length === 0) print('no section is locked');
}

async function wait(revision: string | undefined): Promise<void> {
  const { client } = connect();
  const [newest] = (await client.config.revisions.query({ limit: 1 })).items;
  await waitForRevision(client, revision === undefined ? (newest?.number ?? 0) : numberFrom(revision, 'revision'));
}

export function addConfigCommands(sluice: Command): void {
  const config = sluice.command('config').description('the configuration as text, its revisions, and who manages what');
  const json = ['--json', 'print JSON'] as const;
  const because = ['--reason <text>', 'why, for the audit'] as const;
  const merge = ['--merge', 'change only what the text names; without it a section of the text is the whole section'] as const;
  const under = ['--lock <name>', 'name of the lock, for sections that are managed elsewhere'] as const;
  const waits = ['--wait', 'until every node has it'] as const;
  const add = (name: string, description: string) => config.command(name).description(description);
  add('export', 'print the configuration as YAML, without secrets')
    .option('--section <section...>', 'only these')
    .option('--out <file>', 'write it there')
    .option(...json)
    .action(exportConfig);
  add('plan', 'what a text would change, what is wrong with it, and the mail it touches')
    .argument('<file>', 'YAML; - for standard input')
    .option(...merge)
    .option(...json)
    .action(planConfig);
  add('apply', 'make the configuration what a text says')
    .argument('<file>', 'YAML; - for standard input')
    .option(...merge)
    .option('--base <revision>', 'refuse when the configuration is at another')
    .option(...under)
    .option(...waits)
    .option(...json)
    .requiredOption(...because)
    .action(applyConfig);
  add('rollback', 'put back what changed since a revision, as a new one')
    .argument('<revision>', 'number')
    .option('--only <entity...>', 'only these, as kind:name, such as pool:bulk')
    .option('--dry-run', 'only say what it would do')
    .option(...under)
    .option(...waits)
    .option(...json)
    .requiredOption(...because)
    .action(rollBack);
  add('diff', 'what differs between two revisions')
    .argument('<from>', 'number')
    .argument('[to]', 'number; the newest when left out')
    .option(...json)
    .action(diff);
  add('log', 'revisions, newest first')
    .option('--limit <number>', 'how many, at most 200', '20')
    .option(...json)
    .action(log);
  add('show', 'one entity by its name')
    .argument('<entity>', 'section:name, such as pools:bulk')
    .option(...json)
    .action(show);
  add('check', 'what is wrong or odd in the configuration as it is')
    .option(...json)
    .action(check);
  add('locks', 'sections that are managed elsewhere')
    .option(...json)
    .action(locks);
  add('lock', 'manage a section elsewhere: only texts under this name change it')
    .argument('<section>', configSections.join(', '))
    .requiredOption('--name <name>', 'who manages it, such as a repository')
    .requiredOption(...because)
    .action(lock);
  add('unlock', 'let a section be edited here again')
    .argument('<section>', 'as listed')
    .requiredOption(...because)
    .action(unlock);
  add('wait', 'until every node has a revision').argument('[revision]', 'the newest when left out').action(wait);
  addDraftCommands(config);
}
