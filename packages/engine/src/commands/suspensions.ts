// What operators told this node to do now. A suspension is a stored predicate (this source, until then), never a change of entries: it is
// looked at when an entry would use the source. The last command of each source counts, whatever order commands arrive in; it is kept on
// disk before it is answered, so that it holds over a restart without Postgres.
import { engineCommand, type CommandResult, type EngineCommand } from '@sluice/contract';
import type { RecordFile } from '../config/record-file.ts';
import type { Clock, EngineLog } from '../ports.ts';

/** A resume is remembered this long, so that an older suspension that arrives late changes nothing. Suspensions last at most 7 days. */
const rememberMs = 8 * 86_400_000;
/** Sources with a remembered command. */
export const maxSources = 100_000;

export type SuspensionEvents = {
  /** Called before the answer; returns the entries that the command touched. */
  stopped(sourceId: string): number;
  resumed(sourceId: string): number;
};
export type SuspensionPorts = { node: string; file: RecordFile; clock: Clock; log: EngineLog };

export class Suspensions {
  readonly #ports: SuspensionPorts;
  readonly #last = new Map<string, EngineCommand>();
  /** What is in force is on disk. */
  #kept = true;
  #events: SuspensionEvents = { stopped: () => 0, resumed: () => 0 };

  constructor(ports: SuspensionPorts) {
    this.#ports = ports;
  }

  connect(events: SuspensionEvents): void {
    this.#events = events;
  }

  /** Reads the commands in force from disk. */
  async load(): Promise<void> {
    for (const line of await this.#ports.file.read()) {
      const parsed = engineCommand.safeParse(parseJson(line));
      if (parsed.success) this.#remember(parsed.data);
      else this.#ports.log.warn('a stored command cannot be read and is ignored', {});
    }
  }

  /** Until when the source is suspended, milliseconds since the epoch; null when it is not. */
  until(sourceId: string, nowMs: number): number | null {
    const command = this.#last.get(sourceId);
    if (!command || command.kind !== 'suspend') return null;
    const untilMs = endOf(command);
    return untilMs > nowMs ? untilMs : null;
  }

  /** The end of the suspension that ends first; Infinity when there is none. */
  nextEndMs(nowMs: number): number {
    let next = Infinity;
    for (const sourceId of this.#last.keys()) next = Math.min(next, this.until(sourceId, nowMs) ?? Infinity);
    return next;
  }

  suspendedSources(nowMs: number): string[] {
    return [...this.#last.keys()].filter((sourceId) => this.until(sourceId, nowMs) !== null);
  }

  /** Applies a command; applying twice is applying once. Never rejects. */
  async apply(command: EngineCommand): Promise<CommandResult> {
    const nowMs = this.#ports.clock.nowMs();
    const answer = (status: CommandResult['status'], matched: number, message: string): CommandResult => ({
      ...{ commandId: command.id, node: this.#ports.node, status, matched, message },
      at: new Date(nowMs).toISOString(),
    });
    const { sourceId } = command.scope;
    const last = this.#last.get(sourceId);
    if (last?.id === command.id && this.#kept) return answer('applied', 0, 'already applied');
    if (last && Date.parse(last.issuedAt) > Date.parse(command.issuedAt))
      return answer('applied', 0, 'a later command for this source is in force');
    if (command.kind === 'suspend' && endOf(command) <= nowMs) return answer('applied', 0, 'its time was over before it arrived');
    this.#forgetOld(nowMs);
    if (!last && this.#last.size >= maxSources) return answer('failed', 0, `commands for more than ${maxSources} sources are in force`);
    this.#remember(command);
    const matched = command.kind === 'suspend' ? this.#events.stopped(sourceId) : this.#events.resumed(sourceId);
    try {
      this.#kept = false;
      await this.#ports.file.replace([...this.#last.values()].map((kept) => JSON.stringify(kept)));
      this.#kept = true;
    } catch (error) {
      this.#ports.log.warn('a command could not be kept on disk', { commandId: command.id, error: String(error) });
      return answer('failed', matched, 'in force now, but could not be kept on disk: a restart would forget it');
    }
    return answer('applied', matched, command.kind === 'suspend' ? 'suspended' : 'resumed');
  }

  #remember(command: EngineCommand): void {
    const last = this.#last.get(command.scope.sourceId);
    if (!last || Date.parse(last.issuedAt) <= Date.parse(command.issuedAt)) this.#last.set(command.scope.sourceId, command);
  }

  #forgetOld(nowMs: number): void {
    for (const [sourceId, command] of this.#last) {
      const over = command.kind === 'suspend' ? endOf(command) : Date.parse(command.issuedAt) + rememberMs;
      if (over <= nowMs) this.#last.delete(sourceId);
    }
  }
}

/** A suspension without an end lasts as long as one may. */
function endOf(command: EngineCommand): number {
  return command.expiresAt === null ? Date.parse(command.issuedAt) + rememberMs : Date.parse(command.expiresAt);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
