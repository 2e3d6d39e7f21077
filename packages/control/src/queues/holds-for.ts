// What holds mail, as the asking operator may read it: a tenant learns that a command or a limit of the installation holds its mail, not
// what the installation's operators call it or why; whoever sees everything reads the reason too.
import type { Hold } from '@sluice/contract';
import { listCommands } from '@sluice/plane/console';
import { limitsOf } from '../egress/limits.ts';
import { visibleEgress } from '../egress/visible.ts';
import { shown } from '../mail/personal-data.ts';
import type { Scope } from '../scope.ts';

const mostCommands = 1000;

/** `about`: the recipient whose mail it is, when it is one. */
export async function holdsFor(scope: Scope, holds: readonly Hold[], about: string | null = null): Promise<Hold[]> {
  const show = shown(scope.actor);
  const told = await readable(scope, holds);
  return told.map((hold) => ({ ...hold, detail: show.text(hold.detail, [about]), reply: show.reply(hold.reply, [about]) }));
}

async function readable(scope: Scope, holds: readonly Hold[]): Promise<Hold[]> {
  if (holds.length === 0) return [];
  const commands = holds.some((hold) => hold.commandId !== null)
    ? await listCommands(scope.sql, { limit: mostCommands, now: scope.now, activeOnly: true })
    : [];
  const reasons = new Map(commands.map((command) => [command.id, command.reason]));
  if (scope.actor.tenantId === null) return holds.map((hold) => withReason(hold, reasons));
  const { source } = await visibleEgress(scope);
  const limits = new Set((await limitsOf(scope)).map((limit) => limit.id));
  return holds.map((hold) => {
    const limit = hold.limit !== null && limits.has(hold.limit.id) ? hold.limit : null;
    return {
      ...hold,
      detail: hold.limit !== null && limit === null ? 'a limit of the installation' : hold.detail,
      limit,
      commandId: hold.commandId !== null && reasons.has(hold.commandId) ? hold.commandId : null,
      sourceId: hold.sourceId !== null && source(hold.sourceId) ? hold.sourceId : null,
    };
  });
}

function withReason(hold: Hold, reasons: ReadonlyMap<string, string>): Hold {
  const reason = hold.commandId === null ? undefined : reasons.get(hold.commandId);
  return reason === undefined || hold.detail.includes(reason) ? hold : { ...hold, detail: `${hold.detail}: ${reason}`.slice(0, 500) };
}
