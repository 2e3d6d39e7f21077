// Asks every node that reports. The operator's tenant goes with each question; what comes back is that tenant's.
import type { Question } from '@sluice/contract';
import { nodes, type NodeAnswer } from '@sluice/plane/console';
import type { Scope } from '../scope.ts';

/** A node that has not reported for this long is not asked: it could not answer. */
const silentAfterMs = 10_000;
const mostNodes = 100;
const mostTried = 3;

const isAwake = (scope: Scope, { frameAt }: { frameAt: Date | null }): boolean =>
  frameAt !== null && scope.now.getTime() - frameAt.getTime() < silentAfterMs;

export async function askNodes(scope: Scope, question: Question, only: string | null = null): Promise<NodeAnswer[]> {
  const known = (await nodes(scope.sql)).filter((node) => only === null || node.name === only).slice(0, mostNodes);
  const awake = known.filter((node) => isAwake(scope, node)).map((node) => node.name);
  const answers = await scope.installation.questions.ask(awake, question, scope.actor.tenantId);
  return known.map(({ name }) => answers.find(({ node }) => node === name) ?? { node: name, answer: null });
}

/** Of what every node would answer alike: the first that answers, one after the other, a few at most. */
export async function askOneNode(scope: Scope, question: Question): Promise<NodeAnswer | null> {
  for (const { name } of (await nodes(scope.sql)).filter((node) => isAwake(scope, node)).slice(0, mostTried)) {
    const [told] = await askNodes(scope, question, name);
    if (told && told.answer !== null && told.answer.kind !== 'refused') return told;
  }
  return null;
}

/** Nodes that did not answer, or would not. */
export function silentOf(answers: readonly NodeAnswer[]): string[] {
  return answers.filter(({ answer }) => answer === null || answer.kind === 'refused').map(({ node }) => node);
}
