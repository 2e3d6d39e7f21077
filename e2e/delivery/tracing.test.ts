// `sluice trace` on a running installation: lines come while mail goes out, the tenant named sees its own sessions and no other's, and
// the trace ends by itself.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { launch, linesOf, run, settingsOf } from './commands.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';

let at: Installation;
let red: TestTenant;
let blue: TestTenant;

beforeAll(async () => {
  at = await startInstallation();
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.11.1'] });
  blue = await makeTenant(at, { slug: 'blue', sourceAddresses: ['127.0.12.1'] });
  await at.client.pools.setMembers.mutate({
    ...{ id: blue.poolId, members: [{ sourceId: red.sourceIds[0] ?? '', weight: 1 }] },
    reason: 'two tenants share a source',
  });
  await until(
    async () => (await at.client.nodes.list.query()).every((node) => node.state === 'running' && node.revision === node.headRevision),
    20_000,
  );
}, 300_000);
afterAll(() => at?.dispose(), 60_000);

async function handIn(tenant: TestTenant, word: string, count: number): Promise<void> {
  const send = mailer(at, tenant);
  for (let number = 0; number < count; number++) {
    const to = `${word}.${number}@gmail.com`;
    await send.sendMail({ from: `${word}@${tenant.domain}`, to, subject: `${word} subject`, text: `${word} body` });
  }
  send.close();
}

it('shows the sessions of one tenant live, line by line, and nothing of another on the same source', async () => {
  const settings = settingsOf(at.dataDir, at.ports);
  const tracing = launch(['sluice', 'trace', '--domain', 'gmail.com', '--tenant', 'Tenant red', '--lines', '200', '--json'], settings);
  await until(async () => (await at.client.traces.list.query({})).some(({ reports }) => reports.length > 0), 20_000);
  await Promise.all([handIn(blue, 'zzyzx', 6), handIn(red, 'scarlet', 6)]);
  await tracing.said('RCPT TO:<scarlet.5@gmail.com>');
  await until(
    () => Promise.resolve(at.received().filter((mail) => mail.recipients.some((to) => /zzyzx/.test(to.address))).length === 6),
    20_000,
  );
  tracing.child.kill('SIGINT');
  const { code, stdout, stderr } = await tracing.ended;
  expect(code, stderr).toBe(0);
  const lines = linesOf(stdout).map((line) => JSON.parse(line) as { kind: string; text: string; seq: number });
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['opened', 'connected', 'received', 'sent', 'tls', 'message']));
  expect(lines.filter(({ text }) => text.startsWith('RCPT TO:<scarlet.'))).toHaveLength(6);
  expect(stdout).not.toMatch(/zzyzx|subject|body/);
}, 120_000);

it('ends by itself after its lines, and says so', async () => {
  const settings = settingsOf(at.dataDir, at.ports);
  const tracing = launch(['sluice', 'trace', '--source', 'red source 1', '--lines', '5'], settings);
  await until(async () => (await at.client.traces.list.query({})).some(({ running, reports }) => running && reports.length > 0), 20_000);
  await handIn(red, 'again', 1);
  const { code, stdout, stderr } = await tracing.ended;
  expect([code, linesOf(stdout).length]).toEqual([0, 5]);
  expect(stderr).toMatch(/1 session, 5 lines, 0 dropped, over: lines/);
}, 120_000);

it('names what it shows, or does nothing', async () => {
  const { code, stderr } = await run(['sluice', 'trace'], settingsOf(at.dataDir, at.ports));
  expect([code, stderr]).toEqual([2, expect.stringContaining('name what it touches')]);
}, 60_000);
