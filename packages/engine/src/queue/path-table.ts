// The egress paths that exist, by key and by source. A path whose configuration changed is retired: it ends what it has in flight while a
// new one takes its place under the same key.
import { isDeepStrictEqual } from 'node:util';
import type { DeliverySettings, ReplyRule, SourceBody } from '@sluice/contract';
import type { WithId } from '../config/generation.ts';
import type { EgressPath, SecurityRequirement } from '../ports.ts';
import { ReleasingMap, ReleasingSet } from '../releasing.ts';
import { settingsOver, type Route } from '../route/route.ts';
import { pathKey, ReadyPath } from './ready-path.ts';
import type { Worker } from './worker.ts';

type Paths = ReleasingSet<ReadyPath>;

const none: Paths = new ReleasingSet();

export class PathTable {
  readonly #worker: Worker;
  readonly #pump: (path: ReadyPath, nowMs: number) => void;
  readonly #paths = new ReleasingMap<string, ReadyPath>();
  readonly #bySource = new ReleasingMap<string, Paths>();
  readonly #bySite = new ReleasingMap<string, Paths>();

  constructor(worker: Worker, pump: (path: ReadyPath, nowMs: number) => void) {
    this.#worker = worker;
    this.#pump = pump;
  }

  paths(): Generator<ReadyPath, undefined, void> {
    return this.#paths.values();
  }

  get size(): number {
    return this.#paths.size;
  }

  find(sourceId: string, { site, provider }: Route, security: SecurityRequirement): ReadyPath | undefined {
    return this.#paths.get(pathKey(sourceId, site, provider, security));
  }

  /** Whether something is ready for the site, by whichever path. */
  standsReady(site: string): boolean {
    for (const path of this.#bySite.get(site) ?? none) if (path.live && path.ready > 0) return true;
    return false;
  }

  /** Every path of the source, retired ones with something in flight included. */
  ofSource(sourceId: string): Pick<Paths, 'size' | typeof Symbol.iterator> {
    return this.#bySource.get(sourceId) ?? none;
  }

  sources(): IterableIterator<string> {
    return this.#bySource.keys();
  }

  pathFor(sourceId: string, route: Route, security: SecurityRequirement): ReadyPath {
    const key = pathKey(sourceId, route.site, route.provider, security);
    const known = this.#paths.get(key);
    if (known) return known;
    const source = this.#worker.generation().source(sourceId);
    if (!source) throw new Error(`source ${sourceId} was chosen but is not configured`);
    const egress = {
      key,
      source: egressSource(source),
      site: route.site,
      provider: route.provider,
      replyRules: this.#replyRules(route),
      security,
      settings: this.#settings(sourceId, route),
    };
    const path = new ReadyPath(egress, route, this.#worker.node, this.#pump);
    this.#paths.set(key, path);
    put(this.#bySource, sourceId, path);
    put(this.#bySite, route.site, path);
    return path;
  }

  /** Takes over what the path is told now; whether that is anything new. */
  resettle({ egress, route }: ReadyPath): boolean {
    egress.replyRules = this.#replyRules(route);
    const settings = this.#settings(egress.source.id, route);
    if (settings === egress.settings || isDeepStrictEqual(settings, egress.settings)) return false;
    egress.settings = settings;
    return true;
  }

  #replyRules({ provider }: Route): readonly ReplyRule[] {
    return provider === null ? [] : this.#worker.generation().replyRules(provider);
  }

  /** A path is shared by domains, tenants and streams: rules that name one of these say nothing about its connections. */
  #settings(source: string, route: Route): DeliverySettings {
    const { site, provider } = route;
    const { settings } = this.#worker.generation();
    return settingsOver(settings.resolve(provider === null ? { source, site } : { source, site, provider }).values, route);
  }

  /** The path takes no more entries. */
  retire(path: ReadyPath): void {
    path.live = false;
    if (this.#paths.get(path.egress.key) === path) this.#paths.delete(path.egress.key);
  }

  drop(path: ReadyPath): void {
    this.retire(path);
    take(this.#bySource, path.egress.source.id, path);
    take(this.#bySite, path.egress.site, path);
    for (const lane of path.lanes) lane.queue.leave(lane);
  }
}

const egressSources = new WeakMap<WithId<SourceBody>, EgressPath['source']>();

/** What a path is told of its source; one object for all paths of a generation's source. */
function egressSource(source: WithId<SourceBody>): EgressPath['source'] {
  const known = egressSources.get(source);
  if (known) return known;
  const { id, bindAddress, ehloName, family, proxy } = source;
  const told = { id, bindAddress, ehloName, family, proxy };
  egressSources.set(source, told);
  return told;
}

function put(index: ReleasingMap<string, Paths>, key: string, path: ReadyPath): void {
  const paths = index.get(key) ?? new ReleasingSet();
  paths.add(path);
  index.set(key, paths);
}

function take(index: ReleasingMap<string, Paths>, key: string, path: ReadyPath): void {
  const paths = index.get(key);
  if (paths?.delete(path) && paths.size === 0) index.delete(key);
}
