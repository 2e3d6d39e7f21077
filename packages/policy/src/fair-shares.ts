// Who is next where tenants share something: the one that has had least for its weight. Tenants have equal shares however many queues
// each has; a tenant's streams share what is its own by their weights, and mail of a heavier stream costs its tenant less, so that two
// tenants of one stream each share by the weights of these. Start-time fair queueing: a share's tag says what it has had; one that was
// away comes back with the tag of the present, so that nobody saves turns up.
import { DueHeap } from './due-heap.ts';

/** Past so many shares those that are away and owe nothing are forgotten. */
const keptShares = 32;

/** `stopped`: it has no turn, whatever waits in it. */
type Share = { readonly key: string; tag: number; filedTag: number; active: boolean; stopped: boolean };

const orderOf = <S>() => new DueHeap<{ readonly tag: number; readonly share: S }>((filed) => filed.tag);

/** Shares of one thing, by name. */
class Level<S extends Share> {
  readonly #shares = new Map<string, S>();
  #order = orderOf<S>();
  #now = 0;
  #active = 0;
  #forgetsFrom = keptShares;

  get(key: string, make: () => S): S {
    const known = this.#shares.get(key);
    if (known) return known;
    if (this.#shares.size >= this.#forgetsFrom) this.#forget();
    const share = make();
    this.#shares.set(key, share);
    return share;
  }

  find(key: string): S | undefined {
    return this.#shares.get(key);
  }

  enter(share: S): void {
    if (share.active) return;
    share.active = true;
    this.#active++;
    share.tag = Math.max(share.tag, this.#now);
    this.#file(share);
  }

  leave(share: S): void {
    if (!share.active) return;
    share.active = false;
    this.#active--;
    if (this.#active === 0 && this.#order.size > 0) this.#order = orderOf();
    share.filedTag = NaN;
  }

  first(): S | undefined {
    for (let filed = this.#order.peek(); filed; filed = this.#order.peek()) {
      if (filed.share.active && filed.share.filedTag === filed.tag) return filed.share;
      this.#order.pop();
    }
    return undefined;
  }

  charge(share: S, cost: number): void {
    this.#now = Math.max(this.#now, share.tag);
    share.tag += cost;
    if (share.active) this.#file(share);
  }

  #file(share: S): void {
    if (share.filedTag === share.tag) return;
    share.filedTag = share.tag;
    this.#order.push({ tag: share.tag, share });
  }

  #forget(): void {
    for (const [key, share] of this.#shares) if (!share.active && !share.stopped && share.tag <= this.#now) this.#shares.delete(key);
    this.#forgetsFrom = Math.max(keptShares, 2 * this.#shares.size);
  }
}

type TenantShare<L> = Share & { readonly streams: Level<StreamShare<L>> };

/** A stream's share; `line` is what waits in it. */
export type StreamShare<L> = Share & { readonly tenant: TenantShare<L>; weight: number; readonly line: L };

/** On whose behalf something waits. */
export type Standing = { readonly tenant: string; readonly stream: string; readonly weight: number };

export class FairShares<L> {
  readonly #tenants = new Level<TenantShare<L>>();
  readonly #newLine: () => L;

  constructor(newLine: () => L) {
    this.#newLine = newLine;
  }

  /** The share of the stream, which is in turn from now on. */
  enter({ tenant: tenantKey, stream, weight }: Standing): StreamShare<L> {
    const tenant = this.#tenants.get(tenantKey, () => ({ ...unserved(tenantKey), streams: new Level<StreamShare<L>>() }));
    const share = tenant.streams.get(stream, () => ({ ...unserved(stream), tenant, weight, line: this.#newLine() }));
    share.weight = weight;
    if (!tenant.stopped) this.#tenants.enter(tenant);
    tenant.streams.enter(share);
    return share;
  }

  /** Nothing waits in the share any more. */
  leave(share: StreamShare<L>): void {
    share.tenant.streams.leave(share);
    if (share.tenant.streams.first() === undefined) this.#tenants.leave(share.tenant);
  }

  /** The share whose turn it is; one of `preferred`, if something waits there and it is not stopped. */
  first(preferred: string | null = null): StreamShare<L> | undefined {
    const share = preferred === null ? undefined : this.#tenants.find(preferred);
    return (share?.active === true ? share : this.#tenants.first())?.streams.first();
  }

  /** The tenant is passed over until `resume`. */
  stop(tenantKey: string): void {
    const tenant = this.#tenants.find(tenantKey);
    if (!tenant) return;
    tenant.stopped = true;
    this.#tenants.leave(tenant);
  }

  resume(tenantKey: string): void {
    const tenant = this.#tenants.find(tenantKey);
    if (!tenant) return;
    tenant.stopped = false;
    if (tenant.streams.first()) this.#tenants.enter(tenant);
  }

  /** The share had so many units. */
  charge(share: StreamShare<L>, units: number): void {
    const cost = units / Math.max(1, share.weight);
    share.tenant.streams.charge(share, cost);
    this.#tenants.charge(share.tenant, cost);
  }
}

const unserved = (key: string): Share => ({ key, tag: 0, filedTag: NaN, active: false, stopped: false });
