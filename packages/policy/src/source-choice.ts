// Which source of a pool takes the next transaction: fair shares by weight in virtual time (WF2Q+: of those whose turn has begun, the one
// whose turn ends first), so that over any run every source has its share within one, evenly spread, without any randomness. Sources are
// asked in the order of their turns until one can: in a pool of hundreds a choice looks at a few.
import type { PoolBody } from '@sluice/contract';
import { DueHeap } from './due-heap.ts';

/** The sources that can take something now: a set of them, or whatever answers like one. */
export type UsableSources = { has(sourceId: string): boolean };

type Pool = Pick<PoolBody, 'members'> & { readonly id: string };
/** Begins at `start` and takes `length` of virtual time, the inverse of the weight. */
type Turn = { readonly sourceId: string; readonly length: number; start: number };

class Turns {
  readonly members: Pool['members'];
  readonly #perChoice: number;
  #now = 0;
  /** Turns that have begun, by their end, and those that have not, by their beginning. */
  readonly #begun = new DueHeap<Turn>(({ start, length }) => start + length);
  readonly #later = new DueHeap<Turn>(({ start }) => start);

  constructor(members: Pool['members']) {
    this.members = members;
    const counted = members.filter(({ enabled, weight }) => enabled && weight > 0);
    this.#perChoice = 1 / counted.reduce((sum, { weight }) => sum + weight, 0);
    for (const { sourceId, weight } of counted) this.#begun.push({ sourceId, length: 1 / weight, start: 0 });
  }

  choose(usable: UsableSources): string | null {
    const before = this.#now;
    const passed: Turn[] = [];
    let chosen: Turn | null = null;
    for (let turn = this.#next(); turn; turn = this.#next()) {
      if (usable.has(turn.sourceId)) {
        chosen = turn;
        break;
      }
      passed.push(turn);
    }
    this.#now = chosen ? this.#now + this.#perChoice : before;
    // Who is passed over keeps its place, and gets no arrears.
    for (const turn of passed) {
      turn.start = Math.max(turn.start, this.#now - turn.length);
      (turn.start <= this.#now ? this.#begun : this.#later).push(turn);
    }
    if (!chosen) return null;
    chosen.start += chosen.length;
    this.#later.push(chosen);
    return chosen.sourceId;
  }

  #next(): Turn | undefined {
    if (this.#begun.size === 0) this.#now = Math.max(this.#now, this.#later.peek()?.start ?? this.#now);
    for (let turn = this.#later.peek(); turn && turn.start <= this.#now; turn = this.#later.peek()) {
      this.#later.pop();
      this.#begun.push(turn);
    }
    return this.#begun.pop();
  }
}

/** Keeps, per pool, whose turn is when. */
export class SourceChooser {
  readonly #turns = new Map<string, Turns>();

  /** The source whose turn it is among members that are enabled, weigh something and are usable; null when there is none. */
  choose(pool: Pool, usable: UsableSources): string | null {
    let turns = this.#turns.get(pool.id);
    if (turns?.members !== pool.members) {
      turns = new Turns(pool.members);
      this.#turns.set(pool.id, turns);
    }
    return turns.choose(usable);
  }

  /** Forgets all turns: after a change of pools, so that a pool that is gone takes no room. */
  reset(): void {
    this.#turns.clear();
  }
}
