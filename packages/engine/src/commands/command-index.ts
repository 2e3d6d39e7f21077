// Which of the active commands touch a piece of mail. Each is filed under one value that its scope names, so that mail which shares no
// value with any of them costs a look-up per dimension in use, and nothing at all while there are no commands.
import { scopeDimensions, type CommandScope, type EngineCommand, type ScopeDimension } from '@sluice/contract';

/** What is known of a piece of mail where it is asked about; a dimension that is not known matches nothing. */
export type MailDimensions = { readonly [dimension in ScopeDimension]?: string | null };

/** A command with its times read once. Milliseconds since the epoch; `cutoffMs` Infinity touches mail to come as well. */
export type ActiveCommand = {
  readonly command: EngineCommand;
  readonly issuedMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly cutoffMs: number;
};

/** From the value that few entries share to the one that many do. */
const filingOrder: readonly ScopeDimension[] = ['source', 'campaign', 'domain', 'site', 'stream', 'tenant', 'pool', 'provider'];

export function scopeMatches(scope: CommandScope, mail: MailDimensions): boolean {
  for (const dimension of scopeDimensions) {
    const wanted = scope[dimension];
    if (wanted !== undefined && mail[dimension] !== wanted) return false;
  }
  return true;
}

/** Whether everything that `inner` touches, `outer` touches too. */
export function scopeCovers(outer: CommandScope, inner: CommandScope): boolean {
  return scopeMatches(outer, inner);
}

export function sameScope(a: CommandScope, b: CommandScope): boolean {
  return a.node === b.node && scopeCovers(a, b) && scopeCovers(b, a);
}

export class CommandIndex {
  readonly #filed = new Map<ScopeDimension, Map<string, ActiveCommand[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(active: ActiveCommand): void {
    const place = placeOf(active);
    if (!place) return;
    const byValue = this.#filed.get(place.dimension) ?? new Map<string, ActiveCommand[]>();
    this.#filed.set(place.dimension, byValue);
    const filed = byValue.get(place.value);
    if (filed) filed.push(active);
    else byValue.set(place.value, [active]);
    this.#size++;
  }

  remove(active: ActiveCommand): void {
    const place = placeOf(active);
    const byValue = place && this.#filed.get(place.dimension);
    const filed = place && byValue?.get(place.value);
    const at = filed?.indexOf(active) ?? -1;
    if (!place || !byValue || !filed || at < 0) return;
    filed.splice(at, 1);
    this.#size--;
    if (filed.length > 0) return;
    byValue.delete(place.value);
    if (byValue.size === 0) this.#filed.delete(place.dimension);
  }

  /** The matching command that was issued last and passes `test`; null when there is none. */
  latest(mail: MailDimensions, test: (active: ActiveCommand) => boolean): ActiveCommand | null {
    let latest: ActiveCommand | null = null;
    for (const [dimension, byValue] of this.#filed) {
      const value = mail[dimension];
      const filed = value === undefined || value === null ? undefined : byValue.get(value);
      if (!filed) continue;
      for (const active of filed) {
        if (latest && active.issuedMs < latest.issuedMs) continue;
        if (scopeMatches(active.command.scope, mail) && test(active)) latest = active;
      }
    }
    return latest;
  }
}

function placeOf({ command }: ActiveCommand): { dimension: ScopeDimension; value: string } | null {
  for (const dimension of filingOrder) {
    const value = command.scope[dimension];
    if (value !== undefined) return { dimension, value };
  }
  return null;
}
