// The anchors of the audit record that a node kept on its disk, for whoever checks the record against them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditAnchor } from '@sluice/contract';
import { anchorFiles, readAnchor } from '../anchors/anchor-log.ts';

/** Every anchor of a folder, oldest first, and how many lines are none. Throws without the folder. */
export function storedAnchors(directory: string): { anchors: AuditAnchor[]; unreadable: number } {
  const lines = anchorFiles(readdirSync(directory)).flatMap((name) => {
    const text = readFileSync(join(directory, name), 'utf8');
    // The last line may be torn by a crash; it never counted.
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1);
  });
  const anchors = lines.flatMap((line) => readAnchor(line) ?? []);
  return { anchors, unreadable: lines.length - anchors.length };
}
