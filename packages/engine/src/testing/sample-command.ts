// Commands as operators give them, for tests.
import type { CommandScope, EngineCommand } from '@sluice/contract';
import { id } from './sample-config.ts';

type Options = {
  number: number;
  nowMs: number;
  lastsMs?: number | null;
  cutoffMs?: number;
  startsMs?: number;
  poolId?: string;
  targetId?: string;
};

const instant = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : new Date(ms).toISOString());

/** Command `id(5000 + number)`, issued now; it lasts an hour unless told. */
export function commandOf(kind: EngineCommand['kind'], scope: CommandScope, options: Options): EngineCommand {
  const { number, nowMs, lastsMs = 3_600_000, cutoffMs, startsMs, poolId = null, targetId = null } = options;
  return {
    ...{ id: id(5000 + number), kind, scope, reason: 'a test says so', issuedBy: 'test' },
    issuedAt: new Date(nowMs).toISOString(),
    expiresAt: instant(lastsMs === null ? null : nowMs + lastsMs),
    ...{ cutoffAt: instant(cutoffMs), startsAt: instant(startsMs), poolId, targetId },
  };
}
