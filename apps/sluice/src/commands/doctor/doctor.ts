// `sluice doctor`: looks at everything from settings to DNS in one go and says of each what to do next. Exit code 0: nothing is wrong or
// only wants a look; 1: mail does not flow, or will not. What cannot be asked is said, and does not end the rest.
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { refusalOf, type SluiceClient } from '@sluice/client';
import type { Command } from 'commander';
import { nowMs } from '../../clock.ts';
import { projectRoot, readOwnSettings } from '../../env.ts';
import { currentRun } from '../../supervisor/run-file.ts';
import { connect, fetchOf, remoteTarget } from '../connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from '../outcome.ts';
import { checkRecords } from '../selector-records.ts';
import * as finding from './findings.ts';
import type { Finding } from './findings.ts';

const requestLimitMs = 5_000;
const alertHours = 24;
/** Selectors that sign whose records are looked for. */
const mostSelectors = 200;

const ownVersion = (): string =>
  (JSON.parse(readFileSync(join(projectRoot, 'apps/sluice/package.json'), 'utf8')) as { version: string }).version;

/** Null: not to be found out, which is a finding of its own. */
async function asked(check: string, ask: () => Promise<Finding | Finding[]>): Promise<Finding[]> {
  try {
    return [await ask()].flat();
  } catch (error) {
    const refused = refusalOf(error);
    const detail = printable(error instanceof Error ? error.message : String(error));
    if (refused?.code === 'FORBIDDEN' || refused?.code === 'NOT_FOUND')
      return [{ check, state: 'look', detail: `not asked: ${detail}`, next: 'ask with a key or a role that may' }];
    const next =
      refused?.code === 'UNAUTHORIZED' ? 'sign in: sluice login' : 'see whether the installation runs: sluice status on its machine';
    return [{ check, state: 'bad', detail, next }];
  }
}

async function reach(url: string): Promise<Finding[]> {
  const request = fetchOf(url);
  const found: Finding[] = [];
  for (const [check, path, next] of [
    ['console', '/healthz', 'see the log of the console in var/logs'],
    ['database', '/readyz', 'see whether Postgres runs; the engine goes on without it'],
  ] as const) {
    const startedAt = nowMs();
    const answer = await request(`${url}${path}`, { signal: AbortSignal.timeout(requestLimitMs), redirect: 'manual' });
    await answer.body?.cancel();
    const state = answer.status === 200 ? 'good' : 'bad';
    found.push({ check, state, detail: `${url}${path}: HTTP ${answer.status}`, next: state === 'good' ? '' : next });
    const date = Date.parse(answer.headers.get('date') ?? '');
    if (check === 'console' && !Number.isNaN(date)) found.push(finding.clock(date + 500 - (startedAt + nowMs()) / 2));
  }
  return found;
}

/** What only this machine can say: settings and disk. */
async function here(): Promise<Finding[]> {
  const read = readOwnSettings();
  if (!read.ok)
    return read.problems.map((detail) => ({ check: 'settings', state: 'bad', detail, next: 'sluice settings lists all settings' }));
  const found: Finding[] = [{ check: 'settings', state: 'good', detail: 'all read', next: '' }];
  const folder = resolve(read.settings.dataDir);
  if (remoteTarget() !== null || currentRun(folder) === null) return found;
  const { bavail, bsize } = await statfs(folder);
  return [...found, finding.disk(bavail * bsize, read.settings.spoolFreeMib, folder)];
}

async function configuration(client: SluiceClient): Promise<Finding[]> {
  const [pools, sources, domains, selectors] = await Promise.all([
    client.pools.list.query(),
    client.sources.list.query(),
    client.domains.list.query({}),
    client.selectors.list.query({}),
  ]);
  return finding.configuration(pools, sources, domains, selectors);
}

async function selectorRecords(client: SluiceClient): Promise<Finding[]> {
  const { egress } = await client.session.me.query();
  if (egress === 'sandbox') return [finding.selectorsUnasked()];
  const signing = (await client.selectors.list.query({})).filter(({ state, keyMissing }) => state === 'active' && !keyMissing);
  const ids = signing.slice(0, mostSelectors).map(({ id }) => id);
  return finding.selectorRecords(await checkRecords(client, ids), signing.length - ids.length);
}

async function examine(): Promise<Finding[]> {
  const found = await here();
  if (found.some(({ state }) => state === 'bad')) return found;
  const { url, client } = connect();
  const reached = await asked('console', () => reach(url));
  found.push(...reached);
  if (reached.some(({ check, state }) => check === 'console' && state === 'bad')) return found;
  const signedIn = await asked('signed in', async () => {
    const { actor, version } = await client.session.me.query();
    return [
      { check: 'signed in', state: 'good', detail: `${actor.name}, ${actor.role}`, next: '' },
      finding.versions(ownVersion(), version),
    ];
  });
  found.push(...signedIn);
  if (signedIn.some(({ state }) => state === 'bad')) return found;
  const rest = [
    asked('set-up', async () => {
      const { needed } = await client.setup.status.query();
      return needed ? { check: 'set-up', state: 'look', detail: 'there is no Owner yet', next: 'sluice users setup-link' } : [];
    }),
    asked('nodes', async () => finding.nodes(await client.nodes.list.query())),
    asked('configuration', () => configuration(client)),
    asked('selectors', () => selectorRecords(client)),
    asked('sources', async () => finding.sourceHealth(await client.sources.health.query(), await client.sources.list.query())),
    asked('decisions', async () =>
      finding.alerts((await client.decisions.list.query({ alerts: true, hours: alertHours })).items.map(({ sentence }) => sentence)),
    ),
  ];
  return [...found, ...(await Promise.all(rest)).flat()];
}

const signs: Readonly<Record<Finding['state'], string>> = { good: 'ok  ', look: 'LOOK', bad: 'BAD ' };

async function doctor({ json }: { json?: true }): Promise<void> {
  const found = await examine();
  const wrong = found.filter(({ state }) => state === 'bad').length;
  if (json) printJson({ healthy: wrong === 0, findings: found });
  else
    for (const { check, state, detail, next } of found) {
      print(printable(`${signs[state]} ${check}: ${detail}`));
      if (next !== '') print(printable(`       ${next}`));
    }
  if (wrong > 0) throw new CommandFailure(`${wrong} of ${found.length} checks are bad`, exitCodes.failed);
}

export function addDoctorCommand(sluice: Command): void {
  sluice
    .command('doctor')
    .description('look at everything, from settings to DNS, and say what to do next')
    .option('--json', 'print JSON')
    .action(doctor);
}
