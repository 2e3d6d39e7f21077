// The head of the configuration, a single row: whoever changes the configuration, its locks or what secrets are sealed for holds it until
// the end of the transaction, so that all of them come one after the other.
import type { Scope } from '../scope.ts';

/** Waits for a change that is under way; the number of the newest revision. */
export async function lockHead({ db }: Pick<Scope, 'db'>): Promise<number> {
  const [head] = await db.$queryRaw<{ number: number }[]>`select number from config_head where id = 1 for update`;
  return head?.number ?? 0;
}
