// The configuration of a simulation, from a file: entities as the feed carries them, `[{ "kind", "id", "body" }, ...]`, the same under
// `entities`, or the lines of the copy that every engine keeps on its disk. Read strictly: a field that is not known is most likely a slip
// of the pen, and a simulation without it would answer another question. Every problem says where it stands.
import { entityKinds, parseEntity, type ConfigProblem, type EntityKind } from '@sluice/contract';
import { ChangingContentRoot, emptyContentRoot } from '@sluice/contract/content-root';
import { batchFile } from '../../config/batch-file.ts';
import { buildGeneration, emptyEntitySet } from '../../config/build-generation.ts';
import type { RecordFile } from '../../config/record-file.ts';
import { keptLines } from './kept-lines.ts';

export type SimulatedEntity = { kind: EntityKind; id: string; body: unknown };
export type ReadConfig = { ok: true; entities: SimulatedEntity[] } | { ok: false; problems: string[] };

const maxProblems = 20;

/** `text`: of the whole file. */
export async function readSimulatedConfig(text: string): Promise<ReadConfig> {
  const parsed = jsonOf(text);
  const listed = parsed === undefined ? await entitiesOfCopy(text) : listOf(parsed);
  if (listed === null) return { ok: false, problems: ['it is no list of entities: [{ "kind": ..., "id": ..., "body": ... }, ...]'] };
  const entities: SimulatedEntity[] = [];
  const problems: string[] = [];
  listed.forEach((given, index) => {
    const read = entityOf(given, `entities[${index}]`);
    if (read.ok) entities.push(read.entity);
    else problems.push(...read.problems);
  });
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, maxProblems) };
  const file = configFileOf(entities);
  return file.ok ? { ok: true, entities } : { ok: false, problems: file.problems.map(sentenceOf).slice(0, maxProblems) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listOf(parsed: unknown): unknown[] | null {
  if (Array.isArray(parsed)) return parsed;
  if (typeof parsed === 'object' && parsed !== null && 'entities' in parsed && Array.isArray(parsed.entities)) return parsed.entities;
  return null;
}

/** The live entities of an engine's own copy; null when it is none. */
async function entitiesOfCopy(text: string): Promise<unknown[] | null> {
  const latest = new Map<string, unknown>();
  // What follows the last line end was torn off by a crash.
  const lines = text.split('\n').slice(0, -1);
  const whole = await batchFile(keptLines(lines)).load((records) => {
    for (const record of records) {
      if (typeof record !== 'object' || record === null || !('kind' in record) || !('id' in record)) continue;
      const key = `${String(record.kind)} ${String(record.id)}`;
      latest.delete(key);
      if ('body' in record && record.body !== null) latest.set(key, { kind: record.kind, id: record.id, body: record.body });
    }
  });
  return whole && latest.size > 0 ? [...latest.values()] : null;
}

type Read = { ok: true; entity: SimulatedEntity } | { ok: false; problems: string[] };

function entityOf(given: unknown, at: string): Read {
  const { kind, id, body }: Partial<Record<'kind' | 'id' | 'body', unknown>> = typeof given === 'object' && given !== null ? given : {};
  const known = entityKinds.find((one) => one === kind);
  if (!known) return { ok: false, problems: [`${at}.kind: must be one of ${entityKinds.join(', ')}`] };
  if (typeof id !== 'string') return { ok: false, problems: [`${at}.id: must be the id of the ${known}`] };
  const parsed = parseEntity(known, id, body);
  if (!parsed.ok)
    return { ok: false, problems: parsed.problems.map(({ field, message }) => `${at}.body.${field} (${known} ${id}): ${message}`) };
  const unknown = unknownFields(body, parsed.body, `${at}.body`);
  return unknown.length > 0 ? { ok: false, problems: unknown } : { ok: true, entity: { kind: known, id, body } };
}

/** Fields that reading left out: nobody knows them. */
function unknownFields(given: unknown, read: unknown, at: string): string[] {
  if (Array.isArray(given))
    return given.flatMap((item, index) => unknownFields(item, Array.isArray(read) ? read[index] : undefined, `${at}[${index}]`));
  if (typeof given !== 'object' || given === null || typeof read !== 'object' || read === null) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    const mine: unknown = Object.hasOwn(read, name) ? (read as Record<string, unknown>)[name] : undefined;
    return mine === undefined && value !== undefined
      ? [`${at}.${name}: there is no such field`]
      : unknownFields(value, mine, `${at}.${name}`);
  });
}

const sentenceOf = ({ kind, id, field, message }: ConfigProblem): string => `${kind} ${id} ${field}: ${message}`.replace(/ +/g, ' ');

/** The file from which an engine loads this configuration, or why none would. */
export function configFileOf(
  entities: readonly SimulatedEntity[],
): { ok: true; file: RecordFile } | { ok: false; problems: ConfigProblem[] } {
  const changing = new ChangingContentRoot(emptyContentRoot);
  for (const { kind, id, body } of entities) changing.change(kind, id, null, body);
  const contentRoot = changing.root;
  const versions = entities.map((entity) => ({ revision: 1, ...entity }));
  const built = buildGeneration(emptyEntitySet, { revision: 1, contentRoot, entities: versions });
  if (!built.ok) return built;
  const lines = [...versions, { commit: { revision: 1, contentRoot }, count: versions.length }].map((line) => JSON.stringify(line));
  return { ok: true, file: keptLines(lines) };
}
