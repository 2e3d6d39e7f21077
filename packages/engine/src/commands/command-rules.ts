// What one command means for another, without any state: which of two counts, when it begins and ends, and whether it is whole.
import { actionCommandKinds, scopeProblem, warmUpCommandKinds, type EngineCommand, type WarmUpCommandKind } from '@sluice/contract';
import { sameScope, scopeCovers, type ActiveCommand } from './command-index.ts';

/** What has no end of its own is remembered this long: an older command that arrives late must find it. Suspensions last at most 7 days. */
const rememberMs = 8 * 86_400_000;

/** What is said of a command that was applied. */
export const done: Readonly<Record<EngineCommand['kind'], string>> = {
  suspend: 'suspended',
  resume: 'resumed',
  retry: 'due now',
  cancel: 'being cancelled',
  bounce: 'being bounced',
  move: 'moved as entries come due',
  drain: 'takes no new mail',
  undrain: 'takes mail again',
  flush_dns: 'forgotten; looked up anew',
  flush_connections: 'idle ones closed, busy ones after their message',
  probe_source: 'being probed, its names checked',
  use_source: 'used even while it is out',
  withdraw: 'withdrawn',
  warm_up_skip: 'gone on to the next day',
  warm_up_step_back: 'gone back a day',
  warm_up_restart: 'begun again',
  cancel_action: 'the action is over',
  pin_action: 'pinned',
  unpin_action: 'no longer pinned',
};

/** What is done once, when it is told. */
export const once: ReadonlySet<EngineCommand['kind']> = new Set<EngineCommand['kind']>([
  'retry',
  'probe_source',
  ...actionCommandKinds,
  ...warmUpCommandKinds,
]);

/** Of two with the same scope only the later counts. */
export const pairs: Readonly<Partial<Record<EngineCommand['kind'], readonly EngineCommand['kind'][]>>> = {
  suspend: ['suspend', 'resume'],
  resume: ['resume'],
  move: ['move'],
  drain: ['drain', 'undrain'],
  undrain: ['undrain'],
  use_source: ['use_source'],
};

/** Whether the command takes the place of one that is known. */
export function replaces(command: EngineCommand, known: EngineCommand): boolean {
  if (command.kind === 'withdraw') return known.id === command.targetId;
  if (command.kind === 'resume' && known.kind === 'suspend') return scopeCovers(command.scope, known.scope);
  if (command.kind === 'undrain' && known.kind === 'drain') return true;
  return command.kind === known.kind && pairs[known.kind] !== undefined && sameScope(command.scope, known.scope);
}

/** Why the command cannot be applied; null when it can. */
export function problemOf(command: EngineCommand): string | null {
  if (command.kind === 'move' && command.poolId === null) return 'a move names the pool to move to';
  if (command.kind === 'withdraw' && command.targetId === null) return 'a withdrawal names the command to withdraw';
  if (isWarmUpCommand(command.kind) && command.targetId === null) return 'it names the warm-up plan that it is about';
  if (actionCommandKinds.some((kind) => kind === command.kind) && command.targetId === null) return 'name the action';
  return scopeProblem(command.kind, command.scope);
}

export function isWarmUpCommand(kind: EngineCommand['kind']): kind is WarmUpCommandKind {
  return warmUpCommandKinds.some((one) => one === kind);
}

/** The command with its times read. */
export function activeOf(command: EngineCommand): ActiveCommand {
  const issuedMs = Date.parse(command.issuedAt);
  return {
    command,
    issuedMs,
    startMs: command.startsAt === null ? 0 : Date.parse(command.startsAt),
    endMs: command.expiresAt === null ? issuedMs + rememberMs : Date.parse(command.expiresAt),
    cutoffMs: command.cutoffAt === null ? Infinity : Date.parse(command.cutoffAt),
  };
}

export function idOf(given: unknown): string {
  return typeof given === 'object' && given !== null && 'id' in given && typeof given.id === 'string' ? given.id : '';
}

export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
