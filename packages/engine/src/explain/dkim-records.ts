// The records of DKIM selectors as this node's DNS has them: the sandbox's own in sandbox mode. All names are asked for at once, and what has
// not come in time is said to be unanswered; a server that was slow knows the answer when it is asked again.
import type { Answer } from '@sluice/contract';
import type { Clock, DnsAnswer, Resolver } from '../ports.ts';

/** Less than the console waits for a node. */
const withinMs = 1_100;
const maxTexts = 10;

export async function dkimRecords({ resolver, clock }: { resolver: Resolver; clock: Clock }, names: readonly string[]): Promise<Answer> {
  let late = (): void => undefined;
  const tooLate = new Promise<null>((resolve) => (late = clock.setTimer(withinMs, () => resolve(null))));
  const records = await Promise.all(
    names.map(async (name) => ({ name, texts: textsOf(await Promise.race([resolver.txt(name), tooLate])) })),
  );
  late();
  return { kind: 'dkim_records', records };
}

function textsOf(answer: DnsAnswer<string> | null): string[] | null {
  if (answer === null || (!answer.ok && answer.kind === 'failed')) return null;
  return answer.ok ? answer.records.slice(0, maxTexts) : [];
}
