// What goes on by rules on the nodes now, and what an operator does to it: as a command, so that it is audited and survives a restart.
import type { EngineCommand } from '@sluice/contract';
import type * as api from '@sluice/contract/api';
import { issueCommand } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import { askNodes, silentOf } from '../commands/ask-nodes.ts';
import { maskedText, shown } from '../mail/personal-data.ts';
import { found } from '../refusal.ts';
import type { Scope } from '../scope.ts';

/** A node that was away this long does not act on it any more. */
const commandHours = 1;

/** Bound to a tenant an operator sees what holds its mail alone; what holds a source holds many tenants' mail. */
export async function listActions(scope: Scope): Promise<z.input<typeof api.automationsActive.output>> {
  const answers = await askNodes(scope, { kind: 'active_actions' });
  const { tenantId } = scope.actor;
  const told = answers.flatMap(({ node, answer }) => (answer?.kind === 'active_actions' ? [{ node, ...answer }] : []));
  const actions = told
    .flatMap(({ node, actions: some }) => some.map((action) => ({ ...action, node, sentence: shown(scope.actor).text(action.sentence) })))
    .filter(({ subject }) => tenantId === null || subject.tenant === tenantId);
  const total = tenantId === null ? told.reduce((sum, one) => sum + one.total, 0) : actions.length;
  return { now: scope.now.toISOString(), actions, total, silent: silentOf(answers) };
}

export async function actOnAction(scope: Scope, { actionId, node, act, reason }: z.output<typeof api.automationsAct.input>) {
  const answers = await askNodes(scope, { kind: 'active_actions' }, node);
  const actions = answers.flatMap(({ answer }) => (answer?.kind === 'active_actions' ? answer.actions : []));
  const action = found(
    actions.find(({ id }) => id === actionId),
    `action ${actionId} on node ${node}`,
  );
  const command: EngineCommand = {
    ...{ id: newId(), kind: act, scope: { node }, reason, issuedBy: scope.actor.name, issuedAt: scope.now.toISOString() },
    expiresAt: new Date(scope.now.getTime() + commandHours * 3_600_000).toISOString(),
    ...{ cutoffAt: null, startsAt: null, poolId: null, targetId: actionId },
  };
  await issueCommand(scope.sql, command);
  const { ruleName } = action;
  const sentence = maskedText(action.sentence);
  await scope.audit({ action: `automations.${act}`, target: `action:${actionId}`, reason, after: { node, sentence, ruleName } });
  return { commandId: command.id };
}
