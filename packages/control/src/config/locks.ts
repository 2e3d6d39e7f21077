// Sections that are managed elsewhere, in a repository say: whoever edits one here would be overwritten by the next apply and wonder. Such
// an edit is refused with who manages it and why; a text is applied under the name of the lock. What the installation does by itself
// (newer presets) is not held up.
import type { ConfigSection } from '@sluice/contract';
import type * as api from '@sluice/contract/api';
import { configSection } from '@sluice/contract/api';
import type { z } from 'zod';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { lockHead } from './head.ts';

/** Refuses a change of a section that is locked under another name. The head is locked, so no lock comes or goes meanwhile. */
export async function assertUnlocked(scope: Scope, sections: ReadonlySet<ConfigSection>, under: string | undefined): Promise<void> {
  if (sections.size === 0 || scope.actor.kind === 'system') return;
  const locks = await scope.db.configLock.findMany({ where: { section: { in: [...sections] } } });
  const held = locks.find(({ name }) => name !== under);
  if (!held) return;
  const { section, name, reason, lockedBy } = held;
  throw new Refusal(
    'CONFLICT',
    `${section} are managed by ${name} (${lockedBy}: ${reason}): change them there, or unlock the section under Configuration`,
  );
}

export async function listLocks({ db }: Scope): Promise<z.input<typeof api.configLocks.output>> {
  const rows = await db.configLock.findMany({ orderBy: { section: 'asc' } });
  return rows.map(({ section, lockedAt, ...row }) => ({ ...row, section: configSection.parse(section), lockedAt: lockedAt.toISOString() }));
}

export async function lockSection(scope: Scope, { section, name, reason }: z.output<typeof api.configLock.input>) {
  await lockHead(scope);
  const held = await scope.db.configLock.findUnique({ where: { section } });
  if (held) throw new Refusal('CONFLICT', `${section} are managed by ${held.name} already`);
  await scope.db.configLock.create({ data: { section, name, reason, lockedBy: scope.actor.name, lockedAt: scope.now } });
  await scope.audit({ action: 'config.lock', target: `section:${section}`, reason, after: { name } });
  return { section };
}

export async function unlockSection(scope: Scope, { section, reason }: z.output<typeof api.configUnlock.input>) {
  await lockHead(scope);
  const held = found(await scope.db.configLock.findUnique({ where: { section } }), `a lock on ${section}`);
  await scope.db.configLock.delete({ where: { section } });
  await scope.audit({ action: 'config.unlock', target: `section:${section}`, reason, before: { name: held.name, reason: held.reason } });
  return { section };
}
