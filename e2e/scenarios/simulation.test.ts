// A simulation beside what it simulates: the engine sends to the sandbox's providers over real sockets, then `sluice simulate` replays its
// accounting log under the same configuration. What providers do is drawn by chance and time, so the two agree within bounds, not to the
// last attempt.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@sluice/bench/installation';
import { startSimulator, type Simulator } from '@sluice/isp-simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, startWorld, type Entity, type World } from './testing/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'sluice-simulate-'));
const perProvider = 80;
const unknownOf = 8;
let simulator: Simulator;
let world: World;

const provider = (number: number, key: string, suffix: string): Entity => ({
  ...{ kind: 'provider', id: id(700 + number) },
  body: { key, name: key, mxSuffixes: [suffix] },
});
const limit = { where: { provider: 'yahoo' }, by: ['source'], kind: 'message_rate', count: 4, perSeconds: 1, burst: 1 };

beforeAll(async () => {
  simulator = await startSimulator({ seed: 'simulation', directory: join(scratch, 'simulator') });
  // Gmail takes six a second of a source, so that part of what comes at once is put off; the others take all.
  const tight = { limits: { messageRate: { count: 6, perSeconds: 1, burst: 6 } }, reaction: null };
  simulator.setProfile('gmail', tight);
  for (const name of ['yahoo', 'outlook']) simulator.setProfile(name, { reaction: null });
  world = await startWorld({
    sources: [{}, {}],
    stream: { retrySeconds: [4] },
    settings: { tls: 'disabled' },
    entities: [
      ...[provider(1, 'gmail', 'google.com'), provider(2, 'yahoo', 'yahoodns.net'), provider(3, 'outlook', 'outlook.com')],
      { kind: 'limit', id: id(60), body: { name: 'gentle', ...limit } },
    ],
    environment: { SLUICE_DNS_SERVER: simulator.dnsAddress, SLUICE_SANDBOX_SMTP_PORT: String(simulator.smtpPort) },
  });
});
afterAll(async () => {
  await world?.close();
  await simulator?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

type Row = { provider: string; accepted: number; delivered: number; bounced: number; left: number; attempts: number; deferrals: number };

function simulated(...more: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, SLUICE_DATA_DIR: world.dataDir, SLUICE_EGRESS: 'sandbox' };
  const args = ['apps/sluice/src/cli.ts', 'simulate', ...more];
  return spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', timeout: 120_000 });
}

it('comes to what the engine came to: recipients and bounces exactly, attempts and time to drain within a quarter', async () => {
  const domains = ['gmail.com', 'yahoo.com', 'outlook.com'];
  for (let n = 0; n < perProvider; n++) for (const domain of domains) await world.send(`${n < unknownOf ? 'unknown.' : ''}r${n}@${domain}`);
  const waiting = async (): Promise<number> => {
    const status = (await (await fetch(`${world.engineUrl}/status`)).json()) as { entries: number };
    return status.entries;
  };
  await until(async () => (await waiting()) === 0, 90_000);
  await world.stop();

  const seen = domains.map((domain): Row & { lastMs: number } => {
    const events = Array.from({ length: perProvider }, (_, n) => world.events(`${n < unknownOf ? 'unknown.' : ''}r${n}@${domain}`)).flat();
    const of = (type: string): number => events.filter((event) => event.type === type).length;
    const [delivered, bounced, deferrals] = [of('delivered'), of('bounced'), of('deferred')];
    const lastMs = Math.max(...events.map(({ at }) => at)) - Math.min(...events.map(({ at }) => at));
    const name = domain.split('.')[0] ?? '';
    return {
      provider: name,
      accepted: of('accepted'),
      delivered,
      bounced,
      left: 0,
      attempts: delivered + bounced + deferrals,
      deferrals,
      lastMs,
    };
  });
  const assumptions = join(scratch, 'providers.json');
  writeFileSync(
    assumptions,
    JSON.stringify({
      gmail: { limits: { messageRate: { count: 6, perSeconds: 1, burst: 6 } }, reaction: null },
      ...{ yahoo: { reaction: null }, outlook: { reaction: null } },
    }),
  );
  const run = simulated('--json', '--providers', assumptions, '--round-trip', '1');
  expect(run.stderr).toBe('');
  const [report] = JSON.parse(run.stdout) as { providers: Row[]; firstArrivalMs: number; lastArrivalMs: number; strangers: number }[];
  expect(report?.strangers).toBe(0);
  for (const real of seen) {
    const virtual = report?.providers.find((one) => one.provider === real.provider) as Row & { drainMs: number };
    const { accepted, delivered, bounced } = real;
    expect(virtual).toMatchObject({ accepted, delivered, bounced, left: 0 });
    const about = (ours: number, theirs: number, least: number): void => {
      expect([real.provider, Math.abs(ours - theirs) <= Math.max(least, 0.25 * theirs), ours, theirs]).toEqual([
        real.provider,
        true,
        ours,
        theirs,
      ]);
    };
    about(virtual.attempts, real.attempts, 12);
    about((report?.lastArrivalMs ?? 0) - (report?.firstArrivalMs ?? 0) + virtual.drainMs, real.lastMs, 3_000);
  }
  // What was slowed by a limit was, and what was not was not.
  expect(seen.find((one) => one.provider === 'yahoo')?.lastMs).toBeGreaterThan(8_000);
}, 180_000);

it('compares two configurations, and says what is wrong with a third', () => {
  const mine = join(scratch, 'mine.json');
  const made = simulated('--write-config', mine);
  expect([made.status, made.stderr]).toEqual([0, '']);
  const { entities } = JSON.parse(readFileSync(mine, 'utf8')) as { entities: Entity[] };
  const faster = join(scratch, 'faster.json');
  writeFileSync(faster, JSON.stringify({ entities: entities.filter(({ kind }) => kind !== 'limit') }));
  const both = simulated('--config', mine, '--against', faster);
  expect([both.status, both.stderr]).toEqual([0, '']);
  expect(both.stdout).toMatch(/side by side:\n {2}provider +configuration/);
  expect(both.stdout).toMatch(/yahoo +mine\.json +80/);
  const broken = join(scratch, 'broken.json');
  writeFileSync(
    broken,
    JSON.stringify(entities.map((entity) => (entity.kind === 'limit' ? { ...entity, body: { ...entity.body, pace: 3 } } : entity))),
  );
  const refused = simulated('--config', broken);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(/entities\[\d+\]\.body\.pace: there is no such field/);
}, 120_000);
