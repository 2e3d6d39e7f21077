// Every procedure with inputs made from its schema, valid ones and broken ones, against a control plane with its own Postgres. What must
// hold: no error that nobody foresaw, every refusal by a documented code, every answer as its schema says.
import { errorBody, errorCodes } from '@sluice/contract/api';
import { isObject, wireSchema, type Json, type JsonObject } from '../../openapi/json-schema.ts';
import { operationsOf, type Operation } from '../../openapi/operations.ts';
import { appRouter } from '../../router.ts';
import type { TestControl } from '../control.ts';
import { valueFor, type Known } from './generate.ts';
import { mutated } from './mutate.ts';
import { seeded, type Chance } from './random.ts';

export interface FuzzFigures {
  readonly inputs: number;
  /** Inputs that the procedure's own schema takes. */
  readonly valid: number;
  readonly procedures: number;
  readonly succeeded: number;
  /** Answers by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** What must not be, at most `maxProblems` of them: procedure, input and what came. */
  readonly problems: readonly string[];
}

const maxProblems = 30;
const shownInput = 600;
/** So many tries for an input that reads, where refinements refuse most. */
const tries = 12;
const lists = [
  'tenants',
  'streams',
  'domains',
  'credentials',
  'relays',
  'sources',
  'pools',
  'providers',
  'limits',
  'settings',
  'routes',
  'automations',
  'users',
];
const fieldOf: Readonly<Record<string, string>> = {
  tenants: 'tenantId',
  streams: 'streamId',
  domains: 'domainId',
  sources: 'sourceId',
  pools: 'poolId',
};

/** What there is now, by noun and by the fields that name it. */
async function lookAround(it: TestControl): Promise<Known> {
  const known = new Map<string, string[]>();
  for (const noun of lists) {
    const { data } = await it.call('query', `${noun}.list`, {}, 'local');
    const rows = Array.isArray(data) ? data : ((data as { items?: unknown[] } | undefined)?.items ?? []);
    const ids = rows.flatMap((row) => (typeof row === 'object' && row !== null && 'id' in row ? [String(row.id)] : []));
    known.set(noun, ids);
    const field = fieldOf[noun];
    if (field !== undefined) known.set(field, ids);
    const emails = rows.flatMap((row) => (typeof row === 'object' && row !== null && 'email' in row ? [String(row.email)] : []));
    if (noun === 'users') known.set('email', emails);
  }
  const { data: commands } = await it.call('query', 'commands.list', { limit: 200 }, 'local');
  known.set(
    'commands',
    ((commands ?? []) as { id: string }[]).map(({ id }) => id),
  );
  known.set('node', ['node-1']);
  return known;
}

function validInput(operation: Operation, schema: JsonObject, shared: JsonObject, known: Known, chance: Chance): Json | undefined {
  const [noun = ''] = operation.path.split('.', 1);
  for (let count = 0; count < tries; count += 1) {
    const made = valueFor(schema, { chance, known, noun, shared });
    if (operation.input?.safeParse(made).success) return made;
  }
  return undefined;
}

/** Those that would end what the run stands on, or its patience: each is asked with broken inputs only. */
const onlyBroken = new Set(['live.stream']);
const refreshEvery = 500;
/** Asked at one instant: what races is met too. */
const atOnce = 8;

export async function fuzz(it: TestControl, options: { seed: number; inputs: number }): Promise<FuzzFigures> {
  const chance = seeded(options.seed);
  const operations = operationsOf(appRouter).filter(({ type, path }) => type !== 'subscription' && !onlyBroken.has(path));
  const described = new Map(
    operations.map(({ path, input }) => {
      const shared: JsonObject = {};
      return [path, { schema: input ? wireSchema(input, 'input', 'X', shared) : {}, shared }];
    }),
  );
  const problems: string[] = [];
  const refused: Record<string, number> = {};
  let [valid, succeeded] = [0, 0];
  let known = await lookAround(it);
  /** One input: made now, judged when its answer is there. */
  const one = async (operation: Operation): Promise<void> => {
    const { schema = {}, shared = {} } = described.get(operation.path) ?? {};
    const good = validInput(operation, schema, shared, known, chance);
    const input =
      good === undefined || chance.is(0.5) ? mutated(good ?? valueFor(schema, { chance, known, noun: '', shared }), chance) : good;
    if (operation.input?.safeParse(input).success) valid += 1;
    const complain = (what: string): void => {
      if (problems.length < maxProblems) problems.push(`${operation.path} ${JSON.stringify(input).slice(0, shownInput)}: ${what}`);
    };
    const answer = await ask(it, operation, input);
    if (answer.ok) {
      succeeded += 1;
      const read = operation.output?.safeParse(answer.data);
      if (read && !read.success)
        complain(`answered ${JSON.stringify(answer.data).slice(0, shownInput)}, which its schema refuses: ${read.error.message}`);
      return;
    }
    refused[answer.code] = (refused[answer.code] ?? 0) + 1;
    if (answer.code === 'INTERNAL_SERVER_ERROR' || !(answer.code in errorCodes)) complain(`${answer.code}: ${answer.message}`);
  };
  for (let at = 0; at < options.inputs; at += atOnce) {
    if (at % refreshEvery < atOnce) known = await lookAround(it);
    const next = Array.from(
      { length: Math.min(atOnce, options.inputs - at) },
      (_, offset) => operations[(at + offset) % operations.length],
    );
    await Promise.all(next.flatMap((operation) => (operation ? [one(operation)] : [])));
  }
  return { inputs: options.inputs, valid, procedures: operations.length, succeeded, refused, problems };
}

type Answered = { ok: true; data: unknown } | { ok: false; code: string; message: string };

async function ask(it: TestControl, { path, type }: Operation, input: Json): Promise<Answered> {
  const response = await it.send(type === 'mutation' ? 'mutation' : 'query', path, input);
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && isObject(body as Json)) return { ok: true, data: (body as { result?: { data?: unknown } }).result?.data };
  const read = errorBody.safeParse(body);
  if (!read.success) return { ok: false, code: 'no documented form', message: JSON.stringify(body).slice(0, shownInput) };
  const { data, message } = read.data.error;
  return { ok: false, code: data.httpStatus === response.status ? data.code : `status ${response.status} with ${data.code}`, message };
}
