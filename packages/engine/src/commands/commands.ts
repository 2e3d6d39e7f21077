// What operators told this node to do now. A command is a stored predicate (this mail, until then), never a change of entries: it is asked
// when an entry comes due and once for what lies in lanes. Commands count by when they were issued, in whatever order they arrive; they
// are on disk before they are answered, so that they hold over a restart without Postgres.
import { engineCommand, type CommandResult, type EngineCommand } from '@sluice/contract';
import type { RecordFile } from '../config/record-file.ts';
import type { Clock, EngineLog } from '../ports.ts';
import { CommandIndex, sameScope, scopeCovers, type ActiveCommand, type MailDimensions } from './command-index.ts';
import { activeOf, done, idOf, once, pairs, parseJson, problemOf, replaces } from './command-rules.ts';

/** Commands in force or remembered at one time. */
export const maxCommands = 100_000;

export type CommandEffects = {
  /** The command is in force from now on; resolves with the entries it touches once all that is ready or held has met it. */
  begin(command: EngineCommand): Promise<number>;
  /** How many entries it will touch; for one that begins later. */
  count(command: EngineCommand): Promise<number>;
  /** Something that held mail is over. */
  ended(): void;
};
export type CommandPorts = { node: string; file: RecordFile; clock: Clock; log: EngineLog };

/** What is done once, at a time that came while the engine was away, is done at its start; so is what had just been done: twice is no harm. */
const missedMs = 600_000;

export class Commands {
  readonly #ports: CommandPorts;
  readonly #known = new Map<string, ActiveCommand>();
  readonly #unkept = new Set<string>();
  /** Begun and in force, by what they do to mail. */
  readonly #suspends = new CommandIndex();
  readonly #resumes = new CommandIndex();
  readonly #ends = new CommandIndex();
  readonly #moves = new CommandIndex();
  readonly #uses = new CommandIndex();
  /** Not begun yet. */
  readonly #future = new Set<ActiveCommand>();
  #drain: ActiveCommand | null = null;
  #effects: CommandEffects = { begin: () => Promise.resolve(0), count: () => Promise.resolve(0), ended: () => undefined };
  /** Being applied now. */
  readonly #underway = new Map<string, Promise<CommandResult>>();

  constructor(ports: CommandPorts) {
    this.#ports = ports;
  }

  connect(effects: CommandEffects): void {
    this.#effects = effects;
  }

  /** Reads the commands in force from disk. */
  async load(): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    for (const line of await this.#ports.file.read()) {
      const parsed = engineCommand.safeParse(parseJson(line));
      // Those on disk were weighed against each other before they were kept.
      if (parsed.success) this.#place(activeOf(parsed.data), nowMs, nowMs - missedMs);
      else this.#ports.log.warn('a stored command cannot be read and is ignored', {});
    }
  }

  /** Whether any command can touch mail now: entries are asked about only then. */
  get touchesMail(): boolean {
    return this.#suspends.size + this.#ends.size + this.#moves.size > 0;
  }

  /** The command that takes this entry out of the queue, cancelled or bounced; null when none does. */
  ending(mail: MailDimensions, acceptedAt: number, nowMs: number): EngineCommand | null {
    if (this.#ends.size === 0) return null;
    return this.#ends.latest(mail, (active) => acceptedAt <= active.cutoffMs && nowMs < active.endMs)?.command ?? null;
  }

  /** The suspension that holds this mail; null when none does. A later resume that matches it too lets it go. */
  holding(mail: MailDimensions, nowMs: number): EngineCommand | null {
    return this.#holding(mail, nowMs)?.command ?? null;
  }

  /** The pool that this mail was moved to; null when it was not. */
  movedTo(mail: MailDimensions, acceptedAt: number, nowMs: number): string | null {
    if (this.#moves.size === 0) return null;
    return this.#moves.latest(mail, (active) => acceptedAt <= active.cutoffMs && nowMs < active.endMs)?.command.poolId ?? null;
  }

  /** Until when the whole source is suspended, milliseconds since the epoch; null when it is not. */
  sourceHeldUntil(source: string, nowMs: number): number | null {
    return this.#suspends.size === 0 ? null : (this.#holding({ source }, nowMs)?.endMs ?? null);
  }

  /** Until when the source is used even while it is out, milliseconds since the epoch; null when nobody said so. */
  usedAnywayUntil(source: string, nowMs: number): number | null {
    if (this.#uses.size === 0) return null;
    return this.#uses.latest({ source }, (active) => nowMs < active.endMs)?.endMs ?? null;
  }

  /** Each source that is suspended as a whole, once. */
  *suspendedSources(nowMs: number): Generator<string> {
    const looked = new Set<string>();
    for (const { command } of this.#known.values()) {
      const { source } = command.scope;
      if (command.kind !== 'suspend' || source === undefined || looked.has(source)) continue;
      looked.add(source);
      if (this.sourceHeldUntil(source, nowMs) !== null) yield source;
    }
  }

  /** The command by which this node takes no new mail; null when it does. */
  draining(nowMs: number): EngineCommand | null {
    return this.#drain && nowMs < this.#drain.endMs ? this.#drain.command : null;
  }

  /** When a command next begins or ends; Infinity when none does. */
  nextChangeMs(nowMs: number): number {
    let next = Infinity;
    for (const active of this.#known.values()) {
      if (this.#future.has(active)) next = Math.min(next, active.startMs);
      else if (active.endMs > nowMs) next = Math.min(next, active.endMs);
    }
    return next;
  }

  /** Begins what is to begin and forgets what is over. */
  timePassed(nowMs: number): void {
    for (const active of this.#future) {
      if (active.startMs > nowMs) continue;
      this.#future.delete(active);
      this.#file(active);
      void this.#effects.begin(active.command);
    }
    this.#forgetOver(nowMs);
    this.#effects.ended();
  }

  /** After a start all mail is back in its queues: what waits among it meets the commands that end it. */
  allIsBack(nowMs: number): void {
    for (const { command, startMs, endMs } of this.#known.values())
      if (this.#indexOf(command.kind) === this.#ends && startMs <= nowMs && nowMs < endMs) void this.#effects.begin(command);
  }

  /** Whether the command is in force, being applied, or remembered. */
  knows(commandId: string): boolean {
    return this.#known.has(commandId);
  }

  /** Applies a command; applying twice is applying once. Never rejects. */
  apply(given: unknown): Promise<CommandResult> {
    const commandId = idOf(given);
    const applying = this.#underway.get(commandId) ?? this.#apply(given).finally(() => this.#underway.delete(commandId));
    this.#underway.set(commandId, applying);
    return applying;
  }

  async #apply(given: unknown): Promise<CommandResult> {
    const nowMs = this.#ports.clock.nowMs();
    const parsed = engineCommand.safeParse(given);
    if (!parsed.success)
      return this.#answer(idOf(given), 'failed', 0, 'this node does not understand the command; is it older than the console?');
    const command = parsed.data;
    const answer = (status: CommandResult['status'], matched: number, message: string) =>
      this.#answer(command.id, status, matched, message);
    const problem = problemOf(command);
    if (problem) return answer('failed', 0, problem);
    if (command.scope.node !== undefined && command.scope.node !== this.#ports.node) return answer('applied', 0, 'names another node');
    if (this.#known.has(command.id)) {
      if (this.#unkept.size === 0) return answer('applied', 0, 'already applied');
      return (await this.#keep(command)) ?? answer('applied', 0, 'already applied');
    }
    const active = activeOf(command);
    if (active.endMs <= nowMs) return answer('applied', 0, 'its time was over before it arrived');
    const later = this.#overruledBy(active);
    if (later) return answer('applied', 0, later);
    this.#forgetOver(nowMs);
    if (this.#known.size >= maxCommands) return answer('failed', 0, `more than ${maxCommands} commands are in force`);
    this.#remember(command, nowMs);
    const waits = active.startMs > nowMs;
    const touched = waits ? this.#effects.count(command) : this.#effects.begin(command);
    // What is a predicate is kept before all mail has met it: a restart in the middle goes on with it. What is done once is kept when it
    // is done: a restart in the middle does it again, since it was not answered.
    if (once.has(command.kind)) await touched;
    const failed = await this.#keep(command, touched);
    const matched = await touched;
    return failed ?? answer('applied', matched, waits ? `begins at ${command.startsAt ?? ''}` : done[command.kind]);
  }

  #answer(commandId: string, status: CommandResult['status'], matched: number, message: string): CommandResult {
    return {
      commandId,
      node: this.#ports.node,
      status,
      matched,
      message: message.slice(0, 500),
      at: new Date(this.#ports.clock.nowMs()).toISOString(),
    };
  }

  #holding(mail: MailDimensions, nowMs: number): ActiveCommand | null {
    if (this.#suspends.size === 0) return null;
    const resumed = this.#resumes.size === 0 ? null : this.#resumes.latest(mail, () => true);
    return this.#suspends.latest(mail, (active) => nowMs < active.endMs && (!resumed || resumed.issuedMs <= active.issuedMs));
  }

  /** Why a command that arrives late changes nothing. */
  #overruledBy({ command, issuedMs }: ActiveCommand): string | null {
    for (const known of this.#known.values()) {
      const { kind, scope, targetId } = known.command;
      if (kind === 'withdraw' && targetId === command.id) return 'it was withdrawn before it arrived';
      if (known.issuedMs <= issuedMs) continue;
      if (command.kind === 'suspend' && kind === 'resume' && scopeCovers(scope, command.scope))
        return 'a later command for this scope is in force';
      const pair = pairs[command.kind];
      if (pair?.includes(kind) && sameScope(scope, command.scope)) return 'a later command for this scope is in force';
    }
    return null;
  }

  /** Puts the command in its place and drops those that it replaces. */
  #remember(command: EngineCommand, nowMs: number): void {
    for (const known of this.#known.values()) if (replaces(command, known.command)) this.#drop(known);
    this.#place(activeOf(command), nowMs);
  }

  /** `sinceMs`: what is done once and was to begin after that is yet to be done. */
  #place(active: ActiveCommand, nowMs: number, sinceMs = nowMs): void {
    if (active.endMs <= nowMs) return;
    this.#known.set(active.command.id, active);
    const isOnce = active.command.startsAt !== null && once.has(active.command.kind);
    if (active.startMs > (isOnce ? sinceMs : nowMs)) this.#future.add(active);
    else this.#file(active);
  }

  #file(active: ActiveCommand): void {
    const { kind } = active.command;
    if (kind === 'drain') this.#drain = active;
    else this.#indexOf(kind)?.add(active);
  }

  #drop(active: ActiveCommand): void {
    this.#known.delete(active.command.id);
    this.#unkept.delete(active.command.id);
    if (this.#drain === active) this.#drain = null;
    if (!this.#future.delete(active)) this.#indexOf(active.command.kind)?.remove(active);
  }

  #indexOf(kind: EngineCommand['kind']): CommandIndex | null {
    switch (kind) {
      case 'suspend':
        return this.#suspends;
      case 'resume':
        return this.#resumes;
      case 'cancel':
      case 'bounce':
        return this.#ends;
      case 'move':
        return this.#moves;
      case 'use_source':
        return this.#uses;
      case 'retry':
      case 'probe_source':
      case 'drain':
      case 'undrain':
      case 'flush_dns':
      case 'flush_connections':
      case 'withdraw':
      case 'warm_up_skip':
      case 'warm_up_step_back':
      case 'warm_up_restart':
      case 'cancel_action':
      case 'pin_action':
      case 'unpin_action':
        return null;
    }
  }

  #forgetOver(nowMs: number): void {
    for (const active of this.#known.values()) if (active.endMs <= nowMs) this.#drop(active);
  }

  /** Null when all that is in force is on disk. */
  async #keep(command: EngineCommand, touched: Promise<number> | number = 0): Promise<CommandResult | null> {
    this.#unkept.add(command.id);
    const writing = [...this.#unkept];
    const kept = [...this.#known.values()].filter(
      ({ command: { id, kind } }) => id === command.id || !once.has(kind) || !this.#underway.has(id),
    );
    try {
      await this.#ports.file.replace(linesOf(kept));
      for (const id of writing) this.#unkept.delete(id);
      return null;
    } catch (error) {
      this.#ports.log.warn('a command could not be kept on disk', { commandId: command.id, error: String(error) });
      return this.#answer(command.id, 'failed', await touched, 'in force now, but could not be kept on disk: a restart would forget it');
    }
  }
}

/** Made as they are written: of very many commands not all at once. */
function* linesOf(kept: readonly ActiveCommand[]): Generator<string> {
  for (const { command } of kept) yield JSON.stringify(command);
}
