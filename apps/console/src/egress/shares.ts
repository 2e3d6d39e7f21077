// Which part of a pool's new mail a member gets now: its weight among the members that take mail.
import type { Pool, Source } from './types.ts';

type Members = Pick<Pool, 'members'>;
type State = Pick<Source, 'id' | 'enabled' | 'suspension'>;

function weightNow(member: Pool['members'][number], sources: readonly State[]): number {
  const source = sources.find((one) => one.id === member.sourceId);
  return member.enabled && source?.enabled && source.suspension === null ? member.weight : 0;
}

/** 0 to 100. */
export function shareOf(pool: Members, sources: readonly State[], sourceId: string): number {
  const total = pool.members.reduce((sum, member) => sum + weightNow(member, sources), 0);
  const member = pool.members.find((one) => one.sourceId === sourceId);
  return total === 0 || !member ? 0 : (weightNow(member, sources) / total) * 100;
}
