// `sluice warm-ups`: plans, how far each source has come and why, and what operators do about it. Schedules are taken from tables of text.
import { readFileSync } from 'node:fs';
import { warmUpBody, warmUpOverflow, type WarmUpGroup, type WarmUpSchedule } from '@sluice/contract';
import type { Command } from 'commander';
import { connect, type Connection } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';
import { everySource } from './scope-options.ts';

type Client = Connection['client'];
type Because = { reason: string };
type Fields = { source?: string[]; group?: string[]; schedule?: string; table?: string; starts?: string; zone?: string; overflow?: string };
type Switches = { spread?: string; countsFrom?: string; engaged?: string; rewarmAfter?: string };

async function planNamed(client: Client, nameOrId: string) {
  const { plans } = await client.warmUps.list.query();
  const found = plans.find(({ id, name }) => name === nameOrId || id === nameOrId);
  if (!found) throw new CommandFailure(`there is no warm-up plan ${printable(nameOrId)}`);
  return found;
}

async function listPlans({ json }: { json?: boolean }): Promise<void> {
  const { plans, silent } = await connect().client.warmUps.list.query();
  if (json) return printJson({ plans, silent });
  for (const { name, paused, progress, sources, groups } of plans) {
    const where = progress
      ? `days ${progress.fromStage} to ${progress.toStage} of ${progress.stages}  ${progress.used} of ${progress.ceiling} today  ${progress.finished} of ${progress.ladders} finished  ${progress.held} held  finishes ${progress.finishExpected ?? '?'}`
      : 'no node reports it';
    print(printable(`${name}${paused ? '  (paused)' : ''}  ${sources.length} sources  ${groups.length} groups  ${where}`));
  }
  if (plans.length === 0) print('there is no warm-up plan');
  tellSilent(silent);
}

async function showPlan(name: string, { json, source, group }: { json?: boolean; source?: string; group?: string }): Promise<void> {
  const { client } = connect();
  const { id, sources } = await planNamed(client, name);
  const sourceId = source === undefined ? undefined : sourceNamed(sources, source);
  const detail = await client.warmUps.get.query({ id, ...(sourceId !== undefined && { sourceId }), ...(group !== undefined && { group }) });
  if (json) return printJson(detail);
  for (const ladder of detail.ladders) {
    const { sourceName, group: of, status, stage, stages, used, ceiling, open, heldBy, finishExpected, last } = ladder;
    const day = status === 'finished' ? 'warm' : `day ${stage} of ${stages}  ${used} of ${ceiling} today, ${open} open`;
    print(printable(`${sourceName}  ${of}  ${status}  ${day}  finishes ${finishExpected ?? '?'}`));
    if (heldBy !== null) print(printable(`    today will not count: ${heldBy}`));
    if (last !== null) print(printable(`    ${last}`));
  }
  for (const { date, stage, ceiling, attempted, verdict } of detail.days.slice(-14))
    print(printable(`${date}  day ${stage}  ${attempted} of ${ceiling}  ${verdict ?? ''}`));
  tellSilent(detail.silent);
}

async function listSchedules({ json }: { json?: boolean }): Promise<void> {
  const schedules = await connect().client.warmUps.schedules.query();
  if (json) return printJson(schedules);
  for (const { key, name, note, stages } of schedules) print(printable(`${key}  ${name}  (${stages.length} days, ${note})`));
}

/** Says how the table is read, and keeps nothing. */
async function previewTable(file: string, { starts }: { starts?: string }): Promise<void> {
  const { client } = connect();
  const { stages, problems, finishesOn } = await client.warmUps.preview.query({
    csv: textOf(file),
    percent: 100,
    startsOn: starts ?? today(),
  });
  for (const { day, date, perDay, perHour } of stages) print(`${day}  ${date}  ${perDay}${perHour === null ? '' : `  ${perHour} an hour`}`);
  if (problems.length > 0) throw new CommandFailure(problems.map(({ line, message }) => `line ${line}: ${printable(message)}`).join('\n'));
  print(`${stages.length} days; no ceiling from ${finishesOn ?? 'then'} on if every day counts`);
}

async function createPlan(name: string, options: Fields & Switches & Because): Promise<void> {
  const { client } = connect();
  if (options.source === undefined) throw new CommandFailure('--source names at least one source', exitCodes.usage);
  const fields = {
    name,
    startsOn: today(),
    groups: [{ name: 'All', providers: null }],
    schedule: { kind: 'built_in', key: 'forty-five-days' },
  };
  const { schemaVersion: _version, ...body } = warmUpBody.parse({ ...fields, sourceIds: [], ...(await fieldsOf(client, options)) });
  const { revision } = await client.warmUps.create.mutate({ ...body, reason: options.reason });
  print(`the warm-up plan ${printable(name)} is made with revision ${revision}`);
}

/** Changes what is named and leaves the rest. */
async function setPlan(name: string, options: Fields & Switches & Because): Promise<void> {
  const { client } = connect();
  const { id, sources: _sources, progress: _progress, ...plan } = await planNamed(client, name);
  const { revision } = await client.warmUps.update.mutate({ ...plan, ...(await fieldsOf(client, options)), id, reason: options.reason });
  print(`the warm-up plan ${printable(name)} is changed with revision ${revision}`);
}

async function fieldsOf(client: Client, options: Fields & Switches) {
  const { source, group, starts, zone, overflow, spread, countsFrom, engaged, rewarmAfter } = options;
  const way = warmUpOverflow.options.find((one) => one === overflow);
  if (overflow !== undefined && !way) throw new CommandFailure('--overflow is warm or wait', exitCodes.usage);
  if (spread !== undefined && spread !== 'yes' && spread !== 'no') throw new CommandFailure('--spread is yes or no', exitCodes.usage);
  const known = source === undefined ? [] : await everySource(client);
  const schedule = await scheduleOf(client, options);
  return {
    ...(source !== undefined && { sourceIds: source.map((one) => sourceNamed(known, one)) }),
    ...(group !== undefined && { groups: group.map(groupOf) }),
    ...(schedule !== undefined && { schedule }),
    ...(starts !== undefined && { startsOn: starts }),
    ...(zone !== undefined && { zone }),
    ...(way !== undefined && { overflow: way }),
    ...(spread !== undefined && { spread: spread === 'yes' }),
    ...(countsFrom !== undefined && { countsFromPercent: Number(countsFrom) }),
    ...(engaged !== undefined && { engagedPercent: Number(engaged) }),
    ...(rewarmAfter !== undefined && { rewarmAfterDays: Number(rewarmAfter) }),
  } as const;
}

async function scheduleOf(client: Client, { schedule, table }: Fields): Promise<WarmUpSchedule | undefined> {
  if (table !== undefined) {
    const { stages, problems } = await client.warmUps.preview.query({ csv: textOf(table), percent: 100, startsOn: today() });
    const [problem] = problems;
    if (problem) throw new CommandFailure(`${printable(table)}, line ${problem.line}: ${printable(problem.message)}`, exitCodes.usage);
    return { kind: 'table', stages: stages.map(({ perDay, perHour }) => ({ perDay, perHour })) };
  }
  if (schedule === undefined) return undefined;
  const [kind = '', first, second, days] = schedule.split(':');
  if (kind === 'linear') return { kind, first: Number(first), step: Number(second), days: Number(days) };
  if (kind === 'geometric') return { kind, first: Number(first), factor: Number(second), days: Number(days) };
  return { kind: 'built_in', key: schedule };
}

/** `Gmail=gmail`, `Yahoo=yahoo,aol:50`, `Others=*` */
function groupOf(text: string): WarmUpGroup {
  const parts = /^(?<name>[^=]+)=(?<providers>[^:]+)(?::(?<percent>\d+))?$/.exec(text)?.groups;
  if (!parts) throw new CommandFailure(`--group is NAME=PROVIDER,PROVIDER or NAME=*: ${printable(text)}`, exitCodes.usage);
  const providers = (parts['providers'] ?? '').trim();
  return {
    name: (parts['name'] ?? '').trim(),
    providers: providers === '*' ? null : providers.split(',').map((key) => key.trim()),
    percent: Number(parts['percent'] ?? 100),
  };
}

async function pausePlan(name: string, paused: boolean, { reason }: Because): Promise<void> {
  const { client } = connect();
  const { id } = await planNamed(client, name);
  const { revision } = await client.warmUps.setPaused.mutate({ id, paused, reason });
  print(`the warm-up plan ${printable(name)} is ${paused ? 'paused' : 'resumed'} with revision ${revision}`);
}

async function actOn(
  name: string,
  act: 'skip' | 'step_back' | 'restart',
  options: Because & { source?: string; group?: string },
): Promise<void> {
  const { client } = connect();
  const { source, group, reason } = options;
  const { id, sources } = await planNamed(client, name);
  const sourceId = source === undefined ? undefined : sourceNamed(sources, source);
  const { commandIds } = await client.warmUps.act.mutate({ id, act, reason, ...(sourceId && { sourceId }), ...(group && { group }) });
  print(`told to the nodes as ${commandIds.join(', ')}`);
}

async function deletePlan(name: string, { reason }: Because): Promise<void> {
  const { client } = connect();
  const { id } = await planNamed(client, name);
  const { revision } = await client.warmUps.delete.mutate({ id, reason });
  print(`the warm-up plan ${printable(name)} is deleted with revision ${revision}`);
}

function sourceNamed(sources: readonly { id: string; name: string }[], nameOrId: string): string {
  const found = sources.find(({ id, name }) => name === nameOrId || id === nameOrId);
  if (!found) throw new CommandFailure(`there is no source ${printable(nameOrId)} here`);
  return found.id;
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandFailure(`${printable(file)}: ${error instanceof Error ? error.message : 'cannot be read'}`, exitCodes.usage);
  }
}

function tellSilent(silent: readonly string[]): void {
  if (silent.length > 0) print(printable(`no answer from ${silent.join(', ')}`));
}

const today = (): string => new Date().toISOString().slice(0, 10);
const asJson = ['--json', 'print JSON'] as const;
const because = ['--reason <text>', 'why, for the audit'] as const;

function withFields(command: Command): Command {
  return command
    .option('--group <name=providers...>', 'Gmail=gmail, Yahoo=yahoo,aol:50 (half the figures), Others=*')
    .option('--schedule <schedule>', 'a key of `warm-ups schedules`, linear:FIRST:STEP:DAYS or geometric:FIRST:FACTOR:DAYS')
    .option('--table <file>', 'a schedule as lines of day,per_day[,per_hour]; - reads standard input')
    .option('--starts <date>', 'first day, YYYY-MM-DD')
    .option('--zone <zone>', 'time zone whose midnights begin the days')
    .option('--overflow <where>', 'warm: by the other sources of the pool; wait: not at all')
    .option('--spread <yes or no>', 'open the ceiling over the day, or all of it at midnight')
    .option('--counts-from <percent>', 'a day counts from so much of its ceiling on')
    .option('--engaged <percent>', 'kept for recipients marked as engaged')
    .option('--rewarm-after <days>', 'begin anew after so many idle days; 0: never')
    .requiredOption(...because);
}

export function addWarmUpCommands(sluice: Command): void {
  const plans = sluice.command('warm-ups').description('how new sources are brought up day by day');
  plans
    .command('list')
    .description('all plans, and how far they are')
    .option(...asJson)
    .action(listPlans);
  plans
    .command('show')
    .description('each source with each group of a plan, and its last days')
    .argument('<plan>', 'name or id')
    .option('--source <source>', 'only this source')
    .option('--group <group>', 'only this group')
    .option(...asJson)
    .action(showPlan);
  plans
    .command('schedules')
    .description('the schedules that come along')
    .option(...asJson)
    .action(listSchedules);
  plans
    .command('preview')
    .description('how a table would be read; keeps nothing')
    .argument('<file>', 'lines of day,per_day[,per_hour]; - reads standard input')
    .option('--starts <date>', 'first day')
    .action(previewTable);
  withFields(plans.command('create').description('make a plan').argument('<plan>', 'its name'))
    .option('--source <source...>', 'names or ids of the sources to warm up')
    .action(createPlan);
  withFields(plans.command('set').description('change what is named of a plan').argument('<plan>', 'name or id'))
    .option('--source <source...>', 'names or ids of the sources to warm up')
    .action(setPlan);
  for (const [name, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const)
    plans
      .command(name)
      .description(paused ? 'days do not count; the present ceiling stays' : 'days count again')
      .argument('<plan>', 'name or id')
      .requiredOption(...because)
      .action((plan: string, options: Because) => pausePlan(plan, paused, options));
  for (const [name, act, what] of [
    ['skip', 'skip', 'go on to the next day now'],
    ['step-back', 'step_back', 'go back a day now'],
    ['restart', 'restart', 'begin again at day 1'],
  ] as const)
    plans
      .command(name)
      .description(what)
      .argument('<plan>', 'name or id')
      .option('--source <source>', 'only this source')
      .option('--group <group>', 'only this group')
      .requiredOption(...because)
      .action((plan: string, options: Because & { source?: string; group?: string }) => actOn(plan, act, options));
  plans
    .command('delete')
    .description('the plan is gone; its sources have no ceiling any more')
    .argument('<plan>', 'name or id')
    .requiredOption(...because)
    .action(deletePlan);
}
