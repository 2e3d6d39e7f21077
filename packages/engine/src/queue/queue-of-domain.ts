// What a scheduled queue is called by, and the lanes that it has. Queues are very many and most of them stand still: names are shared with
// the other queues of their owner, the map of lanes is made with the first lane, and a lane leaves with its path.
import type { QueueNames } from '../entry.ts';
import { nextSerial, type Numbered } from '../releasing.ts';
import type { WarmUpLine } from '../warm-up/warm-up-line.ts';
import type { Lane } from './lane.ts';

/**
 * Whose mail it is. `tlsOptional`: it leaves aside what the domain demands of TLS, goes another way, and is not to wait behind what may not.
 * `engaged`: warming sources take it first.
 */
export type QueueOwner = Omit<QueueNames, 'domain'> & { tlsOptional: boolean; engaged: boolean };

const noLanes: ReadonlyMap<string, Lane> = new Map();

export class QueueOfDomain implements QueueNames, Numbered {
  readonly serial = nextSerial();
  readonly domain: string;
  /** Its mail waits for warming sources. */
  waitsInLine: WarmUpLine | null = null;
  readonly #owner: QueueOwner;
  #lanes: Map<string, Lane> | null = null;

  constructor(owner: QueueOwner, domain: string) {
    this.#owner = owner;
    this.domain = domain;
  }

  get tenantId(): string {
    return this.#owner.tenantId;
  }

  get streamId(): string {
    return this.#owner.streamId;
  }

  get campaign(): string | null {
    return this.#owner.campaign;
  }

  get tlsOptional(): boolean {
    return this.#owner.tlsOptional;
  }

  get engaged(): boolean {
    return this.#owner.engaged;
  }

  /** By the key of source and pool. */
  get lanes(): ReadonlyMap<string, Lane> {
    return this.#lanes ?? noLanes;
  }

  enter(key: string, lane: Lane): void {
    this.#lanes ??= new Map();
    this.#lanes.set(key, lane);
  }

  leave(lane: Lane): void {
    for (const [key, known] of this.lanes) if (known === lane) this.#lanes?.delete(key);
    if (this.#lanes?.size === 0) this.#lanes = null;
  }
}
