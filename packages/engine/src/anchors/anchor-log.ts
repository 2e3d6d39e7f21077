// Anchors of the audit record on this node's own disk: once a minute, when the record has grown, number and hash of its newest entry. Whoever
// computes the record anew in Postgres cannot reach them here. One file a month, lines only ever appended, each on disk before it counts.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { auditAnchor, type AuditAnchor, type AuditHead } from '@sluice/contract';
import { recordFile } from '../config/record-file.ts';

/** A record that stands still is anchored this often all the same. */
const quietMs = 3_600_000;
/** Months that are kept; at most some five megabytes each. */
const keptMonths = 60;
const monthFile = /^\d{4}-\d{2}\.jsonl$/;

/** Names of the files of anchors in a folder, oldest first; empty without the folder. */
export const anchorFiles = (names: readonly string[]): string[] => names.filter((name) => monthFile.test(name)).sort();

/** Null for a line that is no anchor. */
export function readAnchor(line: string): AuditAnchor | null {
  try {
    return auditAnchor.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

interface AnchorLog {
  /** The newest anchor with which the record agreed; null before the first. */
  newest(): Promise<AuditHead | null>;
  keep(anchor: AuditAnchor): Promise<void>;
}

export function anchorLog(directory: string): AnchorLog {
  let agreed: AuditAnchor | null = null;
  let last: AuditAnchor | null = null;
  let loaded: Promise<void> | null = null;

  /** From the newest file backwards until both are known. */
  async function load(): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const files = anchorFiles(await readdir(directory));
    for (const name of files.slice(0, -keptMonths)) await rm(join(directory, name));
    for (const name of files.slice(-keptMonths).reverse()) {
      const anchors = (await recordFile(join(directory, name)).read()).flatMap((line) => readAnchor(line) ?? []);
      last ??= anchors.at(-1) ?? null;
      agreed = anchors.findLast((anchor) => anchor.agrees) ?? null;
      if (agreed) return;
    }
  }

  return {
    async newest() {
      await (loaded ??= load());
      return agreed === null ? null : { seq: agreed.seq, hash: agreed.hash };
    },
    async keep(anchor) {
      await (loaded ??= load());
      const same = last !== null && last.seq === anchor.seq && last.hash === anchor.hash && last.agrees === anchor.agrees;
      if (same && last !== null && anchor.at - last.at < quietMs) return;
      const month = new Date(anchor.at).toISOString().slice(0, 7);
      await recordFile(join(directory, `${month}.jsonl`)).append([JSON.stringify(anchor)]);
      last = anchor;
      if (anchor.agrees) agreed = anchor;
    },
  };
}
