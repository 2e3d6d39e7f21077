// Actions that hold, move or return mail do it as a command of this node, like one that an operator gives: the same predicate, the same
// look at what is ready, the same expiry, kept on the same disk.
import { automationIssuer, type CommandScope, type EngineCommand } from '@sluice/contract';
import type { AutomationRule } from '@sluice/policy';
import type { Commands } from '../commands/commands.ts';
import type { Clock, EngineLog, Random } from '../ports.ts';
import type { Action } from './action.ts';

export type MailCommandPorts = { commands: Commands; clock: Clock; random: Random; log: EngineLog };

const instant = (ms: number): string => new Date(ms).toISOString();

function scopeOf({ source, provider, site, tenant, stream, campaign }: Action['subject']): CommandScope {
  return { source, provider, site, tenant, stream, campaign };
}

export class MailCommands {
  readonly #ports: MailCommandPorts;

  constructor(ports: MailCommandPorts) {
    this.#ports = ports;
  }

  /**
   * In force from now on until the action's end; the id of the command, or null where nothing is to be done: the action holds no mail, or an
   * operator's suspension of the same mail lasts longer.
   */
  give(action: Action, rule: AutomationRule, sentence: string): string | null {
    const { kind } = rule.action;
    if (action.dry || (kind !== 'suspend' && kind !== 'move' && kind !== 'bounce')) return null;
    const { commands, clock, random } = this.#ports;
    const nowMs = clock.nowMs();
    const scope = scopeOf(action.subject);
    if (kind === 'suspend') {
      const holding = commands.holding(scope, nowMs);
      if (holding && holding.issuedBy !== automationIssuer && Date.parse(holding.expiresAt ?? '') >= action.endsMs) return null;
    }
    const command: EngineCommand = {
      ...{ id: random.uuid(), kind, scope, reason: sentence.slice(0, 500), issuedBy: automationIssuer },
      ...{ issuedAt: instant(nowMs), expiresAt: instant(action.endsMs), startsAt: null, targetId: null },
      // What comes in later is not returned.
      cutoffAt: kind === 'bounce' ? instant(nowMs) : null,
      poolId: rule.action.kind === 'move' ? rule.action.poolId : null,
    };
    this.#apply(command);
    return command.id;
  }

  /** The mail that the action held goes on. */
  takeBack({ commandId, subject, sentence }: Action): void {
    const { commands, clock, random } = this.#ports;
    if (commandId === null || !commands.knows(commandId)) return;
    const nowMs = clock.nowMs();
    this.#apply({
      ...{ id: random.uuid(), kind: 'withdraw', scope: scopeOf(subject), reason: `over: ${sentence}`.slice(0, 500) },
      ...{ issuedBy: automationIssuer, issuedAt: instant(nowMs), expiresAt: instant(nowMs + 60_000) },
      ...{ cutoffAt: null, startsAt: null, poolId: null, targetId: commandId },
    });
  }

  /** An operator resumed what the action suspended, or its command is gone otherwise. */
  lifted({ commandId }: Action): boolean {
    return commandId !== null && !this.#ports.commands.knows(commandId);
  }

  #apply(command: EngineCommand): void {
    void this.#ports.commands.apply(command).then((result) => {
      if (result.status === 'failed') this.#ports.log.warn('a rule could not act', { kind: command.kind, message: result.message });
    });
  }
}
