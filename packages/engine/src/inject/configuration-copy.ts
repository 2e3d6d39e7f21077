// The part of the running configuration that decides who may send what, kept by the listener's thread too. The engine sends what changed,
// some at a time so that a large change delays no delivery; the thread applies a revision as a whole.
import type { EntityKind } from '@sluice/contract';
import { atOnce } from '@sluice/policy';
import { emptyEntitySet, entitiesOf, type EntitySet, type StoredEntity } from '../config/entity-set.ts';
import { indexing } from '../config/indexed-generation.ts';
import type { SubmissionGeneration } from './admission.ts';
import type { ChangedEntity, ToListener } from './listener-messages.ts';

const kindsOfSubmission = ['tenant', 'stream', 'pool', 'domain', 'credential', 'relay'] as const satisfies readonly EntityKind[];
/** Entities in one message: under five milliseconds of the engine's thread. */
const perMessage = 1_000;

/** What leads from one set to another. Kinds that did not change are the same map in both. */
function* changes(from: EntitySet, to: EntitySet): Generator<ChangedEntity> {
  for (const kind of kindsOfSubmission) {
    const [before, after] = [entitiesOf(from, kind), entitiesOf(to, kind)];
    if (before === after) continue;
    for (const [id, entity] of after) {
      if (before.get(id) !== entity) yield { kind, id, revision: entity.revision, body: entity.body };
    }
    for (const [id, { revision }] of before) if (!after.has(id)) yield { kind, id, revision, body: null };
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
        changed.push(change);
        if (changed.length < perMessage) continue;
        this.#send({ kind: 'configuration', changed, revision: null });
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
  /** Null before the first revision. */
  current: SubmissionGeneration | null = null;

  /** True when a revision is complete and runs. */
  take(changed: readonly ChangedEntity[], revision: number | null): boolean {
    for (const { kind, id, revision: since, body } of changed) {
      const entities = this.#kinds.get(kind) ?? new Map<string, StoredEntity>();
      this.#kinds.set(kind, entities);
      // The engine's thread has parsed every body that it sends.
      if (body === null) entities.delete(id);
      else entities.set(id, { revision: since, id, raw: null, body: body as StoredEntity['body'] });
    }
    if (revision === null) return false;
    this.current = revision > 0 ? atOnce(indexing({ ...emptyEntitySet, revision, kinds: this.#kinds })) : null;
    return true;
  }
}
