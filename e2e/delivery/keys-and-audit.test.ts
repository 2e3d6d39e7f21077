// A whole installation whose engine has no key-encryption key: it signs with what was shared with it, through a change of both keys and a
// restart. And its audit record, checked on the command line against the anchors that the engine kept, before and after a forger's work.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { linesOf, run, settingsOf } from './commands.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';

const first = await startInstallation();
const { dataDir, ports, owner } = first;
let at: Installation = first;
afterAll(async () => {
  await at.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

const applied = () =>
  until(
    async () => (await at.client.nodes.list.query()).every((node) => node.state === 'running' && node.revision === node.headRevision),
    30_000,
  );
const sluice = (...args: string[]) => run(['sluice', ...args], settingsOf(dataDir, ports));
let red: TestTenant;

async function signed(): Promise<boolean> {
  const recipient = `ada.${Date.now()}.${Math.random()}@gmail.com`;
  const send = mailer(at, red);
  await send.sendMail({ from: `news@${red.domain}`, to: recipient, subject: 'hello', text: 'hello' });
  send.close();
  const receipt = () => at.received().find((mail) => mail.recipients.some((to) => to.address === recipient));
  await until(async () => receipt() !== undefined, 30_000);
  return receipt()?.headers.some(([name]) => name.toLowerCase() === 'dkim-signature') ?? false;
}

it('the engine signs without the key-encryption key, through a new fleet key, a new key-encryption key and a restart', async () => {
  const status = await at.client.secrets.status.query();
  const enginePid = (JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as { processes: { mta: { pid: number } } }).processes.mta
    .pid;
  expect(readFileSync(`/proc/${enginePid}/environ`, 'utf8')).not.toMatch(/SLUICE_(OLD_)?KEY/);
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.11.1'] });
  await applied();
  expect(await signed()).toBe(true);
  expect((await sluice('nodes', 'keys')).stdout).toMatch(/^node-[0-9a-f]{16}\t\S+\tenrolled\t([0-9a-f]{4} ?){4}\t/);

  expect((await sluice('secrets', 'rotate-fleet-key', '--reason', 'yearly')).code).toBe(0);
  await until(async () => {
    const now = await at.client.secrets.status.query();
    return now.waiting === 0 && now.fleetKeys.every(({ state }) => state !== 'retiring');
  }, 60_000);
  expect(await signed()).toBe(true);

  const key = readFileSync(join(dataDir, 'secrets', 'key'), 'utf8');
  expect((await sluice('secrets', 'rotate-kek')).stdout).toContain('Restart Sluice');
  expect((await sluice('secrets', 'rotate-kek')).stdout).toContain('The new key waits');
  expect(readFileSync(join(dataDir, 'secrets', 'old-key'), 'utf8')).toBe(key);
  expect(await at.stop()).toBe(0);
  at = await startInstallation({ dataDir, ports, owner });
  await applied();
  expect(await signed()).toBe(true);
  const now = await at.client.secrets.status.query();
  expect(now).toMatchObject({ waiting: 0, oldKeks: [{ id: status.kekId, needed: false }] });
  expect(now.kekId).not.toBe(status.kekId);
  expect((await sluice('secrets', 'rotate-kek')).stdout).toContain('The old one is deleted');
  expect(readdirSync(join(dataDir, 'secrets'))).not.toContain('old-key');
  const secretsOfAll = [key.trim(), readFileSync(join(dataDir, 'secrets', 'key'), 'utf8').trim()];
  for (const name of readdirSync(join(dataDir, 'log')).filter((file) => file.endsWith('.log'))) {
    const text = readFileSync(join(dataDir, 'log', name), 'utf8');
    expect([name, secretsOfAll.some((secret) => text.includes(secret)) || text.includes('PRIVATE KEY')]).toEqual([name, false]);
  }
}, 240_000);

it('the command line finds the record whole, and finds what a superuser computed anew by the anchors of the engine', async () => {
  const anchors = join(dataDir, 'sandbox', 'audit-anchors');
  await until(async () => (await at.client.audit.state.query()).anchors.some(({ seq }) => seq > 5), 90_000);
  const whole = await sluice('audit', 'verify');
  expect([whole.code, whole.stdout]).toEqual([
    0,
    expect.stringMatching(/entries checked against \d+ anchors of nodes: the record is whole/),
  ]);
  const search = await sluice('audit', 'search', '--action', 'secrets.', '--json');
  expect((JSON.parse(search.stdout) as { action: string }[]).map(({ action }) => action)).toContain('secrets.rotateKek');
  const csv = await sluice('audit', 'export', '--format', 'csv');
  expect(linesOf(csv.stdout).length).toBeGreaterThan(5);

  const { ownerUrl } = JSON.parse(readFileSync(join(dataDir, 'secrets', 'database-urls.json'), 'utf8')) as { ownerUrl: string };
  const superuser = new pg.Client({ connectionString: ownerUrl });
  await superuser.connect();
  await superuser.query(`set session_replication_role = 'replica'`);
  await superuser.query(`update audit_entry set reason = 'it was nobody' where seq = 2`);
  await superuser.query(`do $$ declare e audit_entry%rowtype; link text := repeat('0', 64); begin
    for e in select * from audit_entry order by seq loop
      e.prev_hash := link; link := sluice_audit_hash(e);
      update audit_entry set prev_hash = e.prev_hash, hash = link where id = e.id;
    end loop; update audit_head set hash = link; end $$`);
  await superuser.end();
  const forged = await sluice('audit', 'verify', '--anchors', anchors);
  expect([forged.code, forged.stdout]).toEqual([1, expect.stringMatching(/^anchor\t[\s\S]*THE RECORD IS DAMAGED/)]);
}, 240_000);
