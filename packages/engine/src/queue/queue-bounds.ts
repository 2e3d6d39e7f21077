// What holds for all entries of one queue that wait: none of them expires, and none was accepted, before such a time. Lower bounds, since
// entries that leave do not raise them; they are tightened now and then by a look at all entries, while others go on coming.

type Times = { expiresAt: number; acceptedAt: number };

const none: Readonly<Times> = { expiresAt: Infinity, acceptedAt: Infinity };

export class QueueBounds {
  #holds: Times = { ...none };
  /** What was seen since the look at all entries began; null while there is none. */
  #seen: Times | null = null;

  get expiresFromMs(): number {
    return this.#holds.expiresAt;
  }

  get acceptedFromMs(): number {
    return this.#holds.acceptedAt;
  }

  note({ expiresAt, acceptedAt }: Readonly<Times>): void {
    for (const times of [this.#holds, this.#seen]) {
      if (!times) continue;
      if (expiresAt < times.expiresAt) times.expiresAt = expiresAt;
      if (acceptedAt < times.acceptedAt) times.acceptedAt = acceptedAt;
    }
  }

  /** A look at all entries begins: each is to be noted until `tightened`. */
  tighten(): void {
    this.#seen = { ...none };
  }

  /** What the look cannot see stays as it was. */
  keep(which: keyof Times): void {
    this.note({ ...none, [which]: this.#holds[which] });
  }

  tightened(): void {
    this.#holds = this.#seen ?? this.#holds;
    this.#seen = null;
  }
}
