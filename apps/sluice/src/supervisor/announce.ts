// What the operator reads when everything is up.
import type { RunFile } from './run-file.ts';
import type { OwnerState } from './set-up-report.ts';

function signInLine(owner: OwnerState): string {
  switch (owner.kind) {
    case 'exists':
      return 'with your account (forgotten? npm run -s sluice -- users reset-password --local --email ADDRESS)';
    case 'created':
      return `as ${owner.email}, with the password of SLUICE_OWNER_PASSWORD`;
    case 'link':
      return `make the first account: ${owner.url} (once, until ${owner.expiresAt}; again: npm run -s sluice -- users setup-link)`;
  }
}

export function announcement(run: RunFile, publicUrl: string | null, owner: OwnerState, seconds: number): string {
  const egress =
    run.egress === 'sandbox'
      ? 'sandbox: mail goes to simulated providers on this machine, none leaves it'
      : 'internet: mail is delivered for real';
  const database = run.postgres === null ? 'DATABASE_URL' : `port ${run.postgres.port}, ${run.postgres.dataDirectory}`;
  const rows = [
    ['Console', publicUrl ?? run.addresses.console],
    ['Sign in', signInLine(owner)],
    ['SMTP', `${run.addresses.smtp} (submission: a credential of a tenant, or: npm run -s sluice -- send --help)`],
    ['Egress', egress],
    ['Data', run.dataDir],
    ['Postgres', database],
  ];
  return [
    '',
    `Sluice is up after ${seconds.toFixed(1)} s.`,
    ...rows.map(([name = '', value = '']) => `  ${name.padEnd(9)} ${value}`),
    '  Ctrl-C stops everything.',
    '',
  ].join('\n');
}
