// Postgres refuses to run as root. Started by root, it runs as an unprivileged system account: `postgres` where the machine has one,
// else `sluice`, made on the first start. Started by anybody else, it runs as that user.
import { spawnSync } from 'node:child_process';
import { EmbeddedPostgresError } from './errors.ts';

/** Ids to start the server with; empty when the caller's own will do. */
export type Account = { uid?: number; gid?: number };

const accountNames = ['postgres', 'sluice'];

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const found = spawnSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const value = Number(found.stdout.trim());
  return found.status === 0 && Number.isInteger(value) && value > 0 ? value : undefined;
}

function existingAccount(): Account | undefined {
  for (const name of accountNames) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  return undefined;
}

export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const existing = existingAccount();
  if (existing) return existing;
  const made = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', 'sluice'],
    {
      encoding: 'utf8',
    },
  );
  const account = existingAccount();
  if (account) return account;
  const why = made.error?.message ?? made.stderr.trim();
  throw new EmbeddedPostgresError(
    'no_account',
    `Postgres cannot run as root and no system account could be made for it (${why}); start as a normal user or set DATABASE_URL`,
  );
}
