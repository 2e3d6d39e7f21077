// A warm-up day on a running installation whose engine is killed with -9 in the middle of it, twice: the receiver never gets more than the
// day's ceiling, and what a kill costs of it is at most a block, a hundredth, and what was on the wire.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { run, settingsOf } from './commands.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';
import { runFile } from './traces.ts';

const ceiling = 1_000;
const block = ceiling / 100;
/** One connection: a message on it, and one whose envelope left behind it. */
const onTheWire = 2;
const address = '127.0.12.1';
const domain = 'warming.example.net';
const stepMs = 60_000;

let at: Installation;
let red: TestTenant;
let planId = '';

beforeAll(async () => {
  at = await startInstallation();
  red = await makeTenant(at, { slug: 'red', sourceAddresses: [address] });
  const slow = { name: 'one at a time', kind: 'connections', where: { source: red.sourceIds[0] ?? '' }, by: ['source'], count: 1 } as const;
  await at.client.limits.create.mutate({ ...slow, by: ['source'] });
  const made = await at.client.warmUps.create.mutate({
    name: 'first days',
    sourceIds: red.sourceIds,
    groups: [{ name: 'All', providers: null }],
    schedule: { kind: 'table', stages: [{ perDay: ceiling }] },
    startsOn: '2026-01-01',
    zone: noonZone(),
    spread: false,
    reason: 'a test of kills',
  });
  planId = made.id;
  await until(async () => (await at.client.nodes.list.query()).every(({ revision, headRevision }) => revision === headRevision), 20_000);
  const send = mailer(at, red);
  const all = Array.from({ length: ceiling + 300 }, (_, n) => `r${n}@${domain}`);
  await Promise.all(all.map((to) => send.sendMail({ from: `news@${red.domain}`, to, subject: 'warm', text: 'warm' })));
  send.close();
}, 300_000);
afterAll(() => at?.dispose(), 60_000);

/** A zone in which it is the middle of the day, so that no midnight gives a second ceiling while the test runs. */
function noonZone(): string {
  const hours = 12 - new Date().getUTCHours();
  return hours === 0 ? 'UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}

const received = (): number => at.received().filter(({ recipients }) => recipients.some((to) => to.address.endsWith(`@${domain}`))).length;

async function killAndComeBack(): Promise<void> {
  const { processes } = runFile(at.dataDir);
  if (!processes.mta) throw new Error('there is no engine to kill');
  process.kill(processes.mta.pid, 'SIGKILL');
  await until(() => at.process.exitCode !== null || at.process.signalCode !== null, 30_000);
  at = await startInstallation({ dataDir: at.dataDir, ports: at.ports, owner: at.owner });
}

it('never exceeds its ceiling over two kills, and loses a block to each at most', async () => {
  for (const share of [0.2, 0.6]) {
    await until(() => received() >= ceiling * share, stepMs);
    expect(received()).toBeLessThan(ceiling);
    await killAndComeBack();
  }
  await until(() => received() >= ceiling - 2 * (block + onTheWire), stepMs);
  // Whatever is still on its way has its time.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(received()).toBeLessThanOrEqual(ceiling);
  expect(received()).toBeGreaterThanOrEqual(ceiling - 2 * (block + onTheWire));
}, 300_000);

it('says of the mail that waits that its day is used up, and when the next begins', async () => {
  await until(async () => (await at.client.nodes.list.query())[0]?.state === 'running', 20_000);
  const { ladders } = await at.client.warmUps.get.query({ id: planId });
  expect(ladders).toEqual([expect.objectContaining({ status: 'warming', ceiling, used: ceiling, open: 0 })]);
  const queue = { tenantId: red.tenantId, streamId: red.streamId, campaign: null, domain };
  const [told] = (await at.client.queues.explain.query({ queue })).nodes;
  expect(told?.holds[0]).toMatchObject({ kind: 'warm_up', detail: expect.stringContaining('has had its 1000 of day 1 of 1') });
  expect(told?.holds[0]?.clearsAt ?? 0).toBeGreaterThan(Date.now());
});

it('goes on to the next day when an operator says so on the command line, and is warm then', async () => {
  const args = ['sluice', 'warm-ups', 'skip', 'first days', '--reason', 'the addresses are known'];
  expect(await run(args, settingsOf(at.dataDir, at.ports))).toMatchObject({ code: 0 });
  await until(() => received() >= ceiling + 250, stepMs);
  const { ladders } = await at.client.warmUps.get.query({ id: planId });
  expect(ladders[0]).toMatchObject({ status: 'finished' });
  await until(async () => (await at.client.decisions.list.query({ planId })).items.length > 0, 20_000);
  const { items } = await at.client.decisions.list.query({ planId });
  expect(items[0]?.sentence).toContain('warm after day 1 of 1 (1,000), no ceiling from now on: skipped by an operator');
  const shown = await run(['sluice', 'warm-ups', 'list'], settingsOf(at.dataDir, at.ports));
  expect(shown.stdout).toContain('1 of 1 finished');
}, 120_000);
