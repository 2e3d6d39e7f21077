// How often a password or a code may be guessed: counted per account and per address in Postgres, so that all console processes share the
// count. Counting and refusing are one statement: of many guesses at the same instant, no more than allowed get through. An account is
// slowed down to one password a minute, never closed, since closing it would let anyone keep its owner out. An address is slowed down
// further, and so are codes: whoever guesses those has the password already.
import { isIPv6 } from 'node:net';
import type { PrismaClient } from '@sluice/db';

/** `account`: passwords, by email. `code`: codes of the second factor, by account id. */
type Scope = 'account' | 'code' | 'address';
interface Policy {
  /** Failures in one window before the first pause. */
  readonly free: number;
  readonly firstPauseSeconds: number;
  /** Each further failure doubles the pause up to this. */
  readonly longestPauseSeconds: number;
}

export const policies: Readonly<Record<Scope, Policy>> = {
  account: { free: 5, firstPauseSeconds: 2, longestPauseSeconds: 60 },
  code: { free: 5, firstPauseSeconds: 5, longestPauseSeconds: 900 },
  address: { free: 20, firstPauseSeconds: 5, longestPauseSeconds: 900 },
};
const windowSeconds = 900;
/** Rows older than this say nothing any more. */
const keepSeconds = 86_400;
/** So many accounts with failures in one window are no forgotten passwords. */
export const sprayAccounts = 10;
/** 2^20 seconds is past every longest pause; keeps the power small. */
const maxDoublings = 20;
const maxCounted = 1_000;

interface Guess {
  readonly scope: 'account' | 'code';
  /** Email of the account, or its id for a code. */
  readonly key: string;
  /** The peer's. */
  readonly address: string;
}

export interface SignInLimit {
  /** Counts one attempt for both keys. 0: go on. Otherwise refused: seconds until it is worth trying again. */
  admit(guess: Guess): Promise<number>;
  /** It was right: forgets the account's failures and takes back the address's count of this attempt. */
  succeeded(guess: Guess): Promise<void>;
  /** After a wrong password: how many accounts have failures now, when that is worth an alert; null otherwise. Once a window. */
  spray(): Promise<number | null>;
  /** Removes rows that say nothing any more. */
  sweep(): Promise<void>;
}

/** An address as it is counted: one IPv4 address, or the /64 that one IPv6 customer has. */
export function addressKey(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(bare)) return bare;
  const withoutZone = bare.replace(/%.*$/, '');
  const [head = '', tail = ''] = withoutZone.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = withoutZone.includes('::')
    ? [...left, ...new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

const keyOf = (scope: Guess['scope'], key: string): string => (scope === 'account' ? accountKey(key) : key);
export const accountKey = (email: string): string => email.trim().toLowerCase();

export function makeSignInLimit(db: PrismaClient, now: () => Date): SignInLimit {
  let alertedAt = new Date(0);
  const attempt = async (scope: Scope, key: string): Promise<number> => {
    const { free, firstPauseSeconds, longestPauseSeconds } = policies[scope];
    const at = now();
    const admitted = await db.$queryRaw<{ failures: number }[]>`
      insert into sign_in_attempt as a (scope, key, failures, window_start_at, blocked_until) values (${scope}, ${key}, 1, ${at}, null)
      on conflict (scope, key) do update set
        failures = case when a.window_start_at < ${at}::timestamptz - make_interval(secs => ${windowSeconds}) then 1 else a.failures + 1 end,
        window_start_at = case when a.window_start_at < ${at}::timestamptz - make_interval(secs => ${windowSeconds}) then ${at} else a.window_start_at end,
        blocked_until = case
          when a.window_start_at < ${at}::timestamptz - make_interval(secs => ${windowSeconds}) or a.failures + 1 < ${free} then null
          else ${at}::timestamptz + make_interval(secs => least(${longestPauseSeconds}::float8,
            ${firstPauseSeconds}::float8 * power(2, least(a.failures + 1 - ${free}, ${maxDoublings})))) end
      where a.blocked_until is null or a.blocked_until <= ${at}
      returning failures`;
    if (admitted.length > 0) return 0;
    const row = await db.signInAttempt.findUnique({ where: { scope_key: { scope, key } } });
    const leftMs = (row?.blockedUntil?.getTime() ?? 0) - at.getTime();
    return Math.max(1, Math.ceil(leftMs / 1000));
  };
  return {
    async admit({ scope, key, address }) {
      return (await attempt('address', addressKey(address))) || (await attempt(scope, keyOf(scope, key)));
    },
    async succeeded({ scope, key: whose, address }) {
      await db.signInAttempt.deleteMany({ where: { scope, key: keyOf(scope, whose) } });
      const key = addressKey(address);
      await db.signInAttempt.updateMany({
        where: { scope: 'address', key, failures: { gt: 0 } },
        data: { failures: { decrement: 1 }, blockedUntil: null },
      });
    },
    async spray() {
      const since = new Date(now().getTime() - windowSeconds * 1000);
      if (alertedAt > since) return null;
      const accounts = await db.signInAttempt.findMany({
        where: { scope: 'account', windowStartAt: { gt: since } },
        select: { key: true },
        take: maxCounted,
      });
      if (accounts.length < sprayAccounts) return null;
      alertedAt = now();
      return accounts.length;
    },
    async sweep() {
      const before = new Date(now().getTime() - keepSeconds * 1000);
      await db.signInAttempt.deleteMany({
        where: { windowStartAt: { lt: before }, OR: [{ blockedUntil: null }, { blockedUntil: { lt: now() } }] },
      });
    },
  };
}
