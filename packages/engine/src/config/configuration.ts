// Holds what the engine runs now and moves it on: copy on disk at start, then deltas of the feed. Each delta is built into the next
// generation off the hot path; if it is good it is swapped in, listeners hear of it, it is kept on disk and acknowledged; if not, the
// running generation stays and the acknowledgement says why. Works without any feed: the copy on disk is enough to deliver.
import type { ConfigAck, ConfigDelta, EntityVersion, SealedSecret } from '@sluice/contract';
import type { Clock, ConfigFeed, EngineLog, SecretFeed } from '../ports.ts';
import { Slices } from '../queue/slices.ts';
import { batchFile } from './batch-file.ts';
import { buildGeneration, buildingGeneration, emptyEntitySet, emptyGeneration, type EntitySet } from './build-generation.ts';
import { entityVersions } from './entity-set.ts';
import type { Generation } from './generation.ts';
import type { RecordFile } from './record-file.ts';
import { secretVault } from './secret-vault.ts';

export type ConfigurationPorts = {
  clock: Pick<Clock, 'monotonicMs' | 'setTimer'>;
  node: string;
  configFeed: ConfigFeed | null;
  secretFeed: SecretFeed | null;
  configFile: RecordFile;
  secretFile: RecordFile;
  log: EngineLog;
};

type SwapListener = (generation: Generation, entities: EntitySet) => void | Promise<void>;

export interface Configuration {
  /** What runs now; revision 0 and empty before anything arrived. Read it anew for each decision. */
  readonly current: Generation;
  sealedSecret(id: string): SealedSecret | undefined;
  /** Hears every swap of the generation, with all its entities; the result ends it. A revision is acknowledged when all have ended. */
  onSwap(listener: SwapListener): () => void;
  /** Hears the ids of secrets that came, changed or went. */
  onSecrets(listener: (ids: string[]) => void): () => void;
  /** Reads the copies on disk. Call once, before `follow`. */
  load(): Promise<void>;
  /** Starts following the feeds, if there are any. */
  follow(): void;
  stop(): Promise<void>;
}

/** Nothing is in force yet whose mail could be late. */
const firstLoadSliceMs = 15;

/** Reads one entity version from disk. Throws when it is none, which makes the copy unusable. */
function entityVersion(record: unknown): EntityVersion {
  if (
    typeof record !== 'object' ||
    record === null ||
    !('kind' in record) ||
    !('id' in record) ||
    !('revision' in record) ||
    !('body' in record)
  )
    throw new Error('not an entity');
  return { revision: Number(record.revision), kind: String(record.kind), id: String(record.id), body: record.body };
}

function stateOf(commit: unknown): { revision: number; contentRoot: string } {
  if (typeof commit !== 'object' || commit === null || !('revision' in commit) || !('contentRoot' in commit))
    throw new Error('not a commit');
  return { revision: Number(commit.revision), contentRoot: String(commit.contentRoot) };
}

export function createConfiguration(ports: ConfigurationPorts): Configuration {
  const disk = batchFile(ports.configFile);
  const slices = new Slices(ports.clock);
  const vault = secretVault(ports.secretFile);
  const swapListeners = new Set<SwapListener>();
  const secretListeners = new Set<(ids: string[]) => void>();
  let entities: EntitySet = emptyEntitySet;
  let current = emptyGeneration();
  let following: { stop(): Promise<void> }[] = [];
  /** Whether the feed of secrets may still be joined: once, between `follow` and `stop`. */
  let secretsAwaited = false;

  /** The only setter of what runs; resolves when everyone who listens has it. */
  async function swap(next: Generation, set: EntitySet): Promise<void> {
    entities = set;
    current = next;
    await Promise.all([...swapListeners].map(async (listener) => listener(next, set)));
  }

  async function loadConfiguration(): Promise<void> {
    const latest = new Map<string, EntityVersion>();
    let state = { revision: 0, contentRoot: emptyEntitySet.contentRoot };
    const read = await disk.load((records, commit) => {
      for (const record of records) {
        const version = entityVersion(record);
        if (version.body === null) latest.delete(`${version.kind}\0${version.id}`);
        else latest.set(`${version.kind}\0${version.id}`, version);
      }
      state = stateOf(commit);
    });
    if (read && state.revision === 0) return;
    const built = read ? buildGeneration(emptyEntitySet, { ...state, entities: [...latest.values()] }) : null;
    if (built?.ok) await swap(built.generation, built.entities);
    else
      ports.log.warn('the copy of the configuration on disk cannot be used; waiting for the feed', {
        revision: state.revision,
        problems: built?.problems ?? [],
      });
  }

  async function applyDelta(delta: ConfigDelta): Promise<ConfigAck> {
    const sliceMs = entities.revision === 0 ? firstLoadSliceMs : undefined;
    const built = await slices.run(buildingGeneration(entities, delta), sliceMs);
    const ack = { node: ports.node, revision: delta.revision, contentRoot: entities.contentRoot };
    if (!built.ok) {
      ports.log.warn('a revision was refused; the previous one stays', { revision: delta.revision, problems: built.problems });
      return { ...ack, status: 'refused', problems: built.problems };
    }
    const everywhere = swap(built.generation, built.entities);
    const { revision, contentRoot } = built.entities;
    let count = 0;
    for (const kind of built.entities.kinds.values()) count += kind.size;
    try {
      await disk.keep(delta.entities, { revision, contentRoot }, { count, records: () => entityVersions(built.entities) });
    } catch (error) {
      ports.log.warn('the copy of the configuration could not be written', { revision, error: String(error) });
    }
    await everywhere;
    return { ...ack, contentRoot, status: 'applied', problems: [] };
  }

  /** Once, however often it is called. */
  function followSecrets(): void {
    if (!secretsAwaited || !ports.secretFeed) return;
    secretsAwaited = false;
    const feed = ports.secretFeed.follow(vault.cursor, async (delta) => {
      await vault.apply(delta).catch((error: unknown) => ports.log.warn('sealed secrets could not be written', { error: String(error) }));
      const ids = delta.secrets.map((record) => record.id);
      for (const listener of secretListeners) listener(ids);
    });
    following.push(feed);
  }

  return {
    get current() {
      return current;
    },
    sealedSecret: (id) => vault.sealed(id),
    onSwap(listener) {
      swapListeners.add(listener);
      return () => swapListeners.delete(listener);
    },
    onSecrets(listener) {
      secretListeners.add(listener);
      return () => secretListeners.delete(listener);
    },
    async load() {
      if (!(await vault.load())) ports.log.warn('the copy of the sealed secrets on disk cannot be used; waiting for the feed', {});
      await loadConfiguration();
    },
    follow() {
      if (following.length > 0) return;
      secretsAwaited = true;
      const { configFeed } = ports;
      // Where nothing is in force nothing is signed: the secrets of very many domains are not to hold up what decides about them.
      if (!configFeed || entities.revision > 0) followSecrets();
      if (!configFeed) return;
      const feed = configFeed.follow(entities.revision, async (delta) => {
        const ack = await applyDelta(delta);
        followSecrets();
        return ack;
      });
      following.push(feed);
    },
    async stop() {
      secretsAwaited = false;
      const feeds = following;
      following = [];
      await Promise.all(feeds.map((feed) => feed.stop()));
    },
  };
}
