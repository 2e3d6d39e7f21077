// The part of the running configuration that decides who may send what, kept by the listener's thread too. The engine sends what changed,
// some at a time so that a large change delays no delivery; the thread applies a revision as a whole.
import type { EntityKind } from '@sluice/contract';
import { atOnce, everyFew } from '@sluice/policy';
import { emptyEntitySet, entitiesOf, type EntitySet, type StoredEntity } from '../config/entity-set.ts';
import { indexing } from '../config/indexed-generation.ts';
import type { SubmissionGeneration } from './admission.ts';
import type { ChangedEntity, ToListener } from './listener-messages.ts';

const kindsOfSubmission = ['tenant', 'stream', 'pool', 'domain', 'credential', 'relay'] as const satisfies readonly EntityKind[];
/** Entities in one message, and compared in one go: under five milliseconds of the engine's thread. */
const perMessage = 1_000;
const comparedAtOnce = 5_000;

/** What leads from one set to another, null where others may have their turn. Kinds that did not change are the same map in both. */
function* changes(from: EntitySet, to: EntitySet): Generator<ChangedEntity | null> {
  const due = everyFew(comparedAtOnce);
  for (const kind of kindsOfSubmission) {
    const [before, after] = [entitiesOf(from, kind), entitiesOf(to, kind)];
    if (before === after) continue;
    for (const [id, entity] of after) {
      if (before.get(id) !== entity) yield { kind, id, revision: entity.revision, body: entity.body };
      if (due()) yield null;
    }
    for (const [id, { revision }] of before) {
      if (!after.has(id)) yield { kind, id, revision, body: null };
      if (due()) yield null;
    }
  }
}

/** The engine's side: brings a thread from what it has to what runs now. */
export class ConfigurationSender {
  readonly #send: (message: ToListener) => void;
  #sent = emptyEntitySet;
  #wanted = emptyEntitySet;
  #sending = false;

  constructor(send: (message: ToListener) => void) {
    this.#send = send;
  }

  async bring(entities: EntitySet): Promise<void> {
    this.#wanted = entities;
    if (this.#sending) return;
    this.#sending = true;
    while (this.#sent !== this.#wanted) {
      const target: EntitySet = this.#wanted;
      let changed: ChangedEntity[] = [];
      for (const change of changes(this.#sent, target)) {
        if (change !== null) changed.push(change);
        if (change !== null && changed.length < perMessage) continue;
        if (changed.length > 0) this.#send({ kind: 'configuration', changed, revision: null });
        changed = [];
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.#send({ kind: 'configuration', changed, revision: target.revision });
      this.#sent = target;
    }
    this.#sending = false;
  }
}

/** The thread's side. */
export class ConfigurationCopy {
  readonly #kinds = new Map<EntityKind, Map<string, StoredEntity>>();
  /** Those of which the revision that comes has a map of its own: what was made of a kind is good for as long as its map. */
  readonly #changing = new Set<EntityKind>();
  /** Null before the first revision. */
  current: SubmissionGeneration | null = null;

  /** True when a revision is complete and runs. */
  take(changed: readonly ChangedEntity[], revision: number | null): boolean {
    for (const { kind, id, revision: since, body } of changed) {
      const known = this.#kinds.get(kind);
      const entities = known && this.#changing.has(kind) ? known : new Map(known);
      this.#kinds.set(kind, entities);
      this.#changing.add(kind);
      // The engine's thread has parsed every body that it sends.
      if (body === null) entities.delete(id);
      else entities.set(id, { revision: since, id, raw: null, body: body as StoredEntity['body'] });
    }
    if (revision === null) return false;
    this.#changing.clear();
    this.current = revision > 0 ? atOnce(indexing({ ...emptyEntitySet, revision, kinds: new Map(this.#kinds) })) : null;
    return true;
  }
}
