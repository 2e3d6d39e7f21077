// From what an engine runs and a delta of the feed to what it runs next: every changed entity is parsed, the whole next set is checked
// and the content root compared with the one the delta states. Any problem refuses the delta whole, and the old generation stays.
import {
  automationProblem,
  parseEntity,
  type AutomationBody,
  type ConfigDelta,
  type ConfigProblem,
  type EntityKind,
  type ProviderBody,
} from '@sluice/contract';
import { ChangingContentRoot } from '@sluice/contract/content-root';
import { atOnce, automationPatternProblem, checkReplyRules, everyFew, type Steps } from '@sluice/policy';
import { checkingReferences, maxProblems } from './check-references.ts';
import { engineVersion, runsOn } from './engine-version.ts';
import { emptyEntitySet, type EntitySet, type StoredEntity } from './entity-set.ts';
import type { Generation } from './generation.ts';
import { indexing } from './indexed-generation.ts';

export { emptyEntitySet, type EntitySet };

export type BuiltGeneration = { ok: true; generation: Generation; entities: EntitySet } | { ok: false; problems: ConfigProblem[] };

/** Under a tenth of a millisecond. */
const copiedAtOnce = 1_000;

/** What runs before any configuration arrived: revision 0, nothing configured. */
export function emptyGeneration(): Generation {
  return atOnce(indexing(emptyEntitySet));
}

/** The next generation, or every reason (at most `maxProblems`) why the delta cannot be run, in steps. Pure. */
export function* buildingGeneration(previous: EntitySet, delta: ConfigDelta): Steps<BuiltGeneration> {
  const due = everyFew(8);
  const changed = new Map<EntityKind, Map<string, StoredEntity>>();
  const problems: ConfigProblem[] = [];
  const changing = new ChangingContentRoot(previous.contentRoot);
  for (const version of delta.entities) {
    if (problems.length >= maxProblems) break;
    // The rules of a provider are compiled to be checked: some milliseconds.
    if (due() || version.kind === 'provider' || version.kind === 'automation') yield;
    const known = previous.kinds.get(version.kind as EntityKind);
    const kind = version.kind as EntityKind;
    if (version.body === null) {
      const gone = changed.get(kind) ?? (yield* copyOf(known));
      changing.change(kind, version.id, gone.get(version.id)?.raw, null);
      gone.delete(version.id);
      changed.set(kind, gone);
      continue;
    }
    const parsed = parseEntity(version.kind, version.id, version.body);
    if (!parsed.ok) {
      problems.push(...parsed.problems.slice(0, maxProblems - problems.length));
      continue;
    }
    if (!runsOn(parsed.body.minEngine)) {
      problems.push({
        kind,
        id: version.id,
        field: 'minEngine',
        message: `needs engine ${parsed.body.minEngine}, this is ${engineVersion}`,
      });
      continue;
    }
    const unreadable =
      parsed.kind === 'provider'
        ? unreadableRules(version.id, parsed.body as ProviderBody)
        : parsed.kind === 'automation'
          ? unsoundAutomation(version.id, parsed.body as AutomationBody)
          : [];
    problems.push(...unreadable.slice(0, maxProblems - problems.length));
    if (unreadable.length > 0) continue;
    const next = changed.get(kind) ?? (yield* copyOf(known));
    changing.change(kind, version.id, next.get(version.id)?.raw, version.body);
    const body = Object.assign(parsed.body, { id: version.id });
    next.set(version.id, { revision: version.revision, id: version.id, raw: version.body, body });
    changed.set(kind, next);
  }
  if (problems.length > 0) return { ok: false, problems };
  const contentRoot = changing.root;
  const entities: EntitySet = { revision: delta.revision, contentRoot, kinds: new Map([...previous.kinds, ...changed]) };
  if (contentRoot !== delta.contentRoot) {
    const message = `the content root of revision ${delta.revision} does not match: this node lacks or has a change that the console has not`;
    return { ok: false, problems: [{ kind: '', id: '', field: 'contentRoot', message }] };
  }
  const between = yield* checkingReferences(entities);
  if (between.length > 0) return { ok: false, problems: between };
  return { ok: true, generation: yield* indexing(entities), entities };
}

function* copyOf(known: ReadonlyMap<string, StoredEntity> | undefined): Steps<Map<string, StoredEntity>> {
  const copy = new Map<string, StoredEntity>();
  const due = everyFew(copiedAtOnce);
  for (const [id, entity] of known ?? []) {
    copy.set(id, entity);
    if (due()) yield;
  }
  return copy;
}

/** The same in one go. */
export function buildGeneration(previous: EntitySet, delta: ConfigDelta): BuiltGeneration {
  return atOnce(buildingGeneration(previous, delta));
}

/** Patterns that cannot be compiled here would fail with the first refusal instead. */
function unreadableRules(id: string, { replyRules }: ProviderBody): ConfigProblem[] {
  return checkReplyRules(replyRules).map(({ at, field, message }) => ({
    kind: 'provider',
    id,
    field: `replyRules.${at}.${field}`,
    message,
  }));
}

function unsoundAutomation(id: string, rule: AutomationBody): ConfigProblem[] {
  const message = automationProblem(rule) ?? automationPatternProblem(rule);
  return message === null ? [] : [{ kind: 'automation', id, field: '', message }];
}
