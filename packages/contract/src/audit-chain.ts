// The audit record as a chain: each entry has the hash of the one before it and its own over all of its fields. The database makes the
// links (migration audit_chain); this is the same rule again, for whoever checks them without asking the database to vouch for itself, and
// the check itself. A chain that somebody recomputed from a change onward is whole: only an anchor, kept elsewhere, gives it away.
import { createHash } from 'node:crypto';
import type { AuditAnchor, AuditHead, AuditLink } from './audit.ts';

export const firstLink = '0'.repeat(64);

/** Length in octets and text, so that no two lists of fields read alike. */
const field = (value: string | number | null): string => (value === null ? '-' : `${Buffer.byteLength(String(value))}:${value}`);

/** 64 hex digits; the same as sluice_audit_hash of the database. */
export function auditHash(link: Omit<AuditLink, 'hash'>): string {
  const { prevHash, seq, id, at, actorKind, actor, action, target, tenantId, reason, before, after, requestId, address, revision } = link;
  const fields = [prevHash, seq, id, at, actorKind, actor, action, target, tenantId, reason, before, after, requestId, address, revision];
  return createHash('sha256')
    .update(`sluice audit v1${fields.map(field).join('')}`)
    .digest('hex');
}

/** `edited`: its fields do not give its hash. `link`: it does not follow the one before. `missing`, `tail`: entries are gone. */
export type ChainProblem = { kind: 'edited' | 'link' | 'missing' | 'tail' | 'anchor'; seq: number; message: string };

/** Problems that a check keeps; the first is the one to look at. */
const maxProblems = 100;

/** Walks the chain from its first entry to its head. */
export class ChainCheck {
  readonly problems: ChainProblem[] = [];
  readonly #anchors: Map<number, Set<string>>;
  #seq = 0;
  #hash = firstLink;
  #entries = 0;

  /** `anchors`: what nodes kept on their own disks, in any order. */
  constructor(anchors: readonly AuditAnchor[] = []) {
    this.#anchors = new Map();
    for (const { seq, hash } of anchors) this.#anchors.set(seq, (this.#anchors.get(seq) ?? new Set()).add(hash));
    this.#checkAnchor();
  }

  /** Number of the newest entry that was looked at. */
  get at(): number {
    return this.#seq;
  }

  get entries(): number {
    return this.#entries;
  }

  /** The next entries, in order. */
  add(links: readonly AuditLink[]): void {
    for (const link of links) {
      if (link.seq !== this.#seq + 1) this.#missing(this.#seq + 1, link.seq - 1);
      else if (link.prevHash !== this.#hash) this.#note('link', link.seq, `entry ${link.seq} does not follow entry ${this.#seq}`);
      if (auditHash(link) !== link.hash) this.#note('edited', link.seq, `entry ${link.seq} is not what was recorded`);
      this.#seq = link.seq;
      this.#hash = link.hash;
      this.#entries += 1;
      this.#checkAnchor();
    }
  }

  /** After the last entry: is it the head, and is every anchor accounted for? */
  end(head: AuditHead): void {
    if (head.seq > this.#seq) this.#note('tail', head.seq, `entries ${this.#seq + 1} to ${head.seq} are gone from the end`);
    else if (head.seq < this.#seq) this.#note('tail', head.seq, `the head says ${head.seq} entries, and there are ${this.#seq}`);
    else if (head.hash !== this.#hash) this.#note('tail', head.seq, `the head does not name entry ${head.seq}`);
    for (const seq of [...this.#anchors.keys()].sort((a, b) => a - b))
      this.#note('anchor', seq, `a node has an anchor of entry ${seq}, which is gone`);
    this.#anchors.clear();
  }

  #missing(from: number, to: number): void {
    const which = from === to ? `entry ${from} is` : `entries ${from} to ${to} are`;
    this.#note('missing', from, to < from ? `entry ${to + 1} is there twice` : `${which} missing`);
  }

  #checkAnchor(): void {
    const kept = this.#anchors.get(this.#seq);
    if (!kept) return;
    this.#anchors.delete(this.#seq);
    const others = [...kept].filter((hash) => hash !== this.#hash).length;
    if (others > 0)
      this.#note('anchor', this.#seq, `entry ${this.#seq} is not the one that a node has an anchor of: it, or one before it, was replaced`);
  }

  #note(kind: ChainProblem['kind'], seq: number, message: string): void {
    if (this.problems.length < maxProblems) this.problems.push({ kind, seq, message });
  }
}
