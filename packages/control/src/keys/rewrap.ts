// After a fleet key or the key-encryption key was changed, every secret is sealed for the new recipients: a few at a time, each batch a
// transaction. Killed at any point, what was done is done and the rest goes on at the next turn; until then old and new both open. What
// nothing is sealed for any more is retired at the end.
import { randomUUID } from 'node:crypto';
import { sealedSecret, type SealedSecret } from '@sluice/contract';
import { rewrapSecret, type Recipient } from '@sluice/plane';
import { putSecret } from '@sluice/plane/console';
import { systemActor } from '../actor.ts';
import { rewrapTotpKeys } from '../auth/codes.ts';
import type { Installation } from '../installation.ts';
import { repeatedly } from '../repeatedly.ts';
import { inScope, type Scope } from '../scope.ts';
import { lockHead } from '../config/head.ts';
import { kekOf, keksOf, recipientsOf, sealedForText } from './fleet-key.ts';

const batchSize = 50;
const everyMs = 10_000;
/** Secrets that no key opens, whose ids are remembered so that each is told once. */
const maxTold = 1_000;

export interface Rewrap {
  /** Seals all that is sealed for others than now; resolves with how many, when there is nothing left or `signal` aborts. */
  run(signal?: AbortSignal): Promise<number>;
  stop(): void;
}

/** The next secrets, in the order of their ids, that are sealed for others than `now`. */
const nextOnes = ({ sql }: Scope, now: string, after: string): Promise<SealedSecret[]> =>
  sql.query<SealedSecret>(
    `select id::text as id, aad, ciphertext, wraps from secret
      where not deleted and id > $2::uuid and (sealed_for < $1::text collate "default" or sealed_for > $1::text collate "default")
      order by id limit ${batchSize}`,
    [now, after],
  );

const beforeAll = '00000000-0000-0000-0000-000000000000';

export function rewrapping(installation: () => Installation): Rewrap {
  const told = new Set<string>();

  const asSystem = <T>(work: (scope: Scope) => Promise<T>): Promise<T> =>
    inScope(installation(), { actor: systemActor, requestId: randomUUID(), address: null, audit: 'none' }, async (scope) => {
      await lockHead(scope);
      return work(scope);
    });

  function tellOnce({ id, aad }: SealedSecret): void {
    if (told.has(id) || told.size >= maxTold) return;
    told.add(id);
    installation().log.error({ secretId: id, of: aad }, 'a secret cannot be sealed anew: no key-encryption key that is set opens it');
  }

  async function batch(scope: Scope, after: string): Promise<{ last: string | null; done: number }> {
    const recipients = await recipientsOf(scope);
    const secrets = await nextOnes(scope, sealedForText(recipients), after);
    let done = 0;
    for (const secret of secrets) {
      const rewrapped = rewrapSecret(secret, keksOf(scope.installation), recipients);
      if (rewrapped) await putSecret(scope.sql, rewrapped);
      else tellOnce(secret);
      done += rewrapped ? 1 : 0;
    }
    return { last: secrets.length === batchSize ? (secrets.at(-1)?.id ?? null) : null, done };
  }

  async function run(signal?: AbortSignal): Promise<number> {
    let total = await asSystem(rewrapFleetKeys);
    let some = 0;
    do {
      some = await asSystem(({ db, installation }) => rewrapTotpKeys(db, keksOf(installation)));
      total += some;
    } while (some > 0 && signal?.aborted !== true);
    let after: string | null = beforeAll;
    while (after !== null && signal?.aborted !== true) {
      const from: string = after;
      const { last, done } = await asSystem((scope) => batch(scope, from));
      total += done;
      after = last;
    }
    if (signal?.aborted !== true) await asSystem(retire);
    return total;
  }

  const stopping = new AbortController();
  const rest = repeatedly(
    everyMs,
    () => run(stopping.signal),
    (error) => installation().log.warn({ err: error }, 'secrets could not be sealed anew'),
  );

  return {
    run,
    stop() {
      rest();
      stopping.abort();
    },
  };
}

/** Private halves of fleet keys are sealed for the key-encryption key alone. */
async function rewrapFleetKeys({ db, installation }: Scope): Promise<number> {
  const recipients: Recipient[] = [kekOf(installation)];
  const fleetKeys = await db.fleetKey.findMany({ where: { state: { not: 'retired' } } });
  let done = 0;
  for (const { id, sealed: stored } of fleetKeys) {
    const sealed = sealedSecret.parse(stored);
    if (Object.keys(sealed.wraps).sort().join() === sealedForText(recipients)) continue;
    const rewrapped = rewrapSecret(sealed, keksOf(installation), recipients);
    if (!rewrapped) throw new Error(`no key-encryption key that is set opens fleet key ${id}`);
    await db.fleetKey.update({ where: { id }, data: { sealed: rewrapped } });
    done += 1;
  }
  return done;
}

/** Fleet keys that are retiring and for which nothing is sealed any more. Nodes keep their shares; what they opened is gone from here. */
async function retire({ db, sql, audit, now }: Scope): Promise<void> {
  for (const { id } of await db.fleetKey.findMany({ where: { state: 'retiring' }, select: { id: true } })) {
    const [left] = await sql.query(`select 1 as one from secret where not deleted and strpos(sealed_for, $1::text) > 0 limit 1`, [id]);
    if (left) continue;
    await db.fleetShare.deleteMany({ where: { fleetKeyId: id } });
    await db.fleetKey.update({ where: { id }, data: { state: 'retired', retiredAt: now, sealed: {} } });
    await audit({ action: 'secrets.retireFleetKey', target: `fleet_key:${id}`, reason: 'every secret is sealed for its successor' });
  }
}
