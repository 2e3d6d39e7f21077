// `sluice automations`: rules by which engines act by themselves, what goes on by them now, and what is done with either.
import { readFileSync } from 'node:fs';
import { actionText, automationInput, automationModes, automationWhereText, lengthText, perTexts, triggerText } from '@sluice/contract';
import type { Command } from 'commander';
import { connect, type Connection } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';

type Because = { reason: string };
const reason = ['--reason <text>', 'why, for the audit'] as const;
const asJson = ['--json', 'print JSON'] as const;

async function named(client: Connection['client'], nameOrId: string) {
  const found = (await client.automations.list.query()).find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (!found) throw new CommandFailure(`there is no rule ${printable(nameOrId)}`);
  return found;
}

async function list({ json }: { json?: true }): Promise<void> {
  const rules = await connect().client.automations.list.query();
  if (json) return printJson(rules);
  for (const rule of rules) {
    const { name, mode, trigger, per, where, whereNames, action, forSeconds, preset, edited } = rule;
    const only = automationWhereText({ where }, whereNames);
    const origin = preset === null ? 'own' : `preset ${preset.version}${edited ? ', edited' : ''}`;
    print(printable(`${name}  [${mode.replace('_', ' ')}]  (${origin})`));
    print(printable(`  when ${triggerText(trigger)}, for ${perTexts[per]}${only === '' ? '' : `, only ${only}`}`));
    print(printable(`  ${actionText(action)}; until ${lengthText(forSeconds)} without a hit`));
  }
}

async function active({ json }: { json?: true }): Promise<void> {
  const answer = await connect().client.automations.active.query();
  if (json) return printJson(answer);
  const time = (ms: number): string => new Date(ms).toISOString();
  for (const { id, node, sentence, endsAt, nextStepAt, pinned, ruleName } of answer.actions) {
    const next = nextStepAt === null ? '' : `, next step ${time(nextStepAt)}`;
    print(printable(`${id}  ${node}  ${sentence}  (${pinned ? 'pinned, ' : ''}ends ${time(endsAt)}${next}; rule ${ruleName})`));
  }
  if (answer.actions.length === 0) print('nothing is held by a rule');
  if (answer.total > answer.actions.length) print(`${answer.total - answer.actions.length} more are not shown`);
  if (answer.silent.length > 0) print(printable(`did not answer: ${answer.silent.join(', ')}`));
}

function ruleIn(file: string) {
  let written: unknown;
  try {
    written = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw new CommandFailure(`${printable(file)}: ${error instanceof Error ? error.message : 'cannot be read'}`, exitCodes.usage);
  }
  const read = automationInput.safeParse(withoutFacts(written));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new CommandFailure(`${printable(file)}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`, exitCodes.usage);
}

/** What a list says beside the rule itself. */
const facts = ['id', 'whereNames', 'newestPreset', 'meaning', 'preset', 'edited'];

function withoutFacts(written: unknown): unknown {
  if (typeof written !== 'object' || written === null) return written;
  return Object.fromEntries(Object.entries(written).filter(([name]) => !facts.includes(name)));
}

/** Makes the rule, or replaces the one that has this name. */
async function set(file: string, because: Because): Promise<void> {
  const { client } = connect();
  const rule = ruleIn(file);
  const known = (await client.automations.list.query()).find(({ name }) => name === rule.name);
  const { revision } = known
    ? await client.automations.update.mutate({ id: known.id, ...rule, ...because })
    : await client.automations.create.mutate({ ...rule, ...because });
  print(printable(`the rule ${rule.name} is ${known ? 'changed' : 'made'} with revision ${revision}`));
}

async function setMode(name: string, mode: string, because: Because): Promise<void> {
  const wanted = automationModes.find((one) => one === mode.replace('-', '_'));
  if (!wanted) throw new CommandFailure(`a mode is one of ${automationModes.join(', ')}`, exitCodes.usage);
  const { client } = connect();
  const { id } = await named(client, name);
  const { revision } = await client.automations.setMode.mutate({ id, mode: wanted, ...because });
  print(printable(`the rule ${name} is ${mode} with revision ${revision}`));
}

async function takeBack(how: 'delete' | 'toPreset', name: string, because: Because): Promise<void> {
  const { client } = connect();
  const { id } = await named(client, name);
  const { revision } = await client.automations[how].mutate({ id, ...because });
  print(printable(`the rule ${name} is ${how === 'delete' ? 'deleted' : 'as its preset has it'}, with revision ${revision}`));
}

async function act(how: 'cancel_action' | 'pin_action' | 'unpin_action', actionId: string, because: Because): Promise<void> {
  const { client } = connect();
  const { actions } = await client.automations.active.query();
  const action = actions.find(({ id }) => id === actionId);
  if (!action) throw new CommandFailure(`no action ${printable(actionId)} goes on`);
  await client.automations.act.mutate({ actionId, node: action.node, act: how, ...because });
  print(printable(`told to ${action.node}: ${action.sentence}`));
}

export function addAutomationCommands(sluice: Command): void {
  const automations = sluice.command('automations').description('what engines do by themselves: rules, and what goes on by them now');
  automations
    .command('list')
    .description('the rules in words')
    .option(...asJson)
    .action(list);
  automations
    .command('active')
    .description('what rules hold now, until when, and what comes next')
    .option(...asJson)
    .action(active);
  automations
    .command('set')
    .description('make a rule, or replace the one of that name, from JSON as `list --json` shows it')
    .argument('<file>', 'JSON; - reads standard input')
    .requiredOption(...reason)
    .action(set);
  automations
    .command('mode')
    .description('switch a rule on or off, or try it out')
    .argument('<rule>', 'name or id')
    .argument('<mode>', 'on, dry-run or off')
    .requiredOption(...reason)
    .action(setMode);
  automations
    .command('reset')
    .description('put a rule back to its preset')
    .argument('<rule>', 'name or id')
    .requiredOption(...reason)
    .action((name: string, because: Because) => takeBack('toPreset', name, because));
  automations
    .command('delete')
    .description('delete a rule of your own')
    .argument('<rule>', 'name or id')
    .requiredOption(...reason)
    .action((name: string, because: Because) => takeBack('delete', name, because));
  for (const [name, how, words] of [
    ['end', 'cancel_action', 'end what a rule holds now'],
    ['pin', 'pin_action', 'keep what a rule holds as it is, without steps and end'],
    ['let-go', 'unpin_action', 'let a pinned action step and end again'],
  ] as const)
    automations
      .command(name)
      .description(words)
      .argument('<action>', 'id, as `active` shows it')
      .requiredOption(...reason)
      .action((actionId: string, because: Because) => act(how, actionId, because));
}
