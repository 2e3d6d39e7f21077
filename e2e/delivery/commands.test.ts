// Commands and questions as operators give them, on a running installation: what would be touched is counted first, a command reaches what
// stands ready within a second, is kept with reason, issuer and expiry, and holds over a kill -9 of the engine. The tests follow each
// other: the mail that the first ones hold is what the later ones act on.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { isEnding, type CommandScope, type operatorCommandKinds } from '@sluice/contract';
import { run, settingsOf } from './commands.ts';
import { Dialogue } from './smtp-dialogue.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';
import { runFile } from './traces.ts';

type Operator = (typeof operatorCommandKinds)[number];
type More = { minutes?: number; poolId?: string };

let at: Installation;
let red: TestTenant;
let spare: { sourceId: string; poolId: string };
let node = '';

beforeAll(async () => {
  at = await startInstallation();
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.11.1'], retrySeconds: [3600] });
  const source = { name: 'spare', publicAddress: '127.0.11.9', bindAddress: '127.0.11.9', family: 4 as const };
  const { id: sourceId } = await at.client.sources.create.mutate({ ...source, ehloName: 'spare.red.example' });
  const { id: poolId } = await at.client.pools.create.mutate({ name: 'spare', members: [{ sourceId, weight: 1 }] });
  spare = { sourceId, poolId };
  await until(
    async () =>
      (await at.client.nodes.list.query()).every(({ state, revision, headRevision }) => state === 'running' && revision === headRevision),
    20_000,
  );
  node = (await at.client.nodes.list.query())[0]?.node ?? '';
}, 300_000);
afterAll(() => at?.dispose(), 60_000);

async function handIn(recipients: readonly string[]): Promise<void> {
  const send = mailer(at, red);
  for (const to of recipients) await send.sendMail({ from: `news@${red.domain}`, to, subject: 'command', text: 'command' });
  send.close();
}

const numbered = (word: string, domain: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${word}.${index}@${domain}`);

const trace = async (recipient: string) => (await at.client.messages.trace.query({ recipient })).events;

async function becomes(recipient: string, type: string, count = 1): Promise<void> {
  await until(async () => (await trace(recipient)).filter((event) => event.type === type).length === count, 60_000);
}

/** Counts, gives the command, and resolves with both counts and the time until the node answered, once it has. */
async function give(kind: Operator, scope: CommandScope, reason: string, more: More = {}) {
  const counted = await at.client.commands.preview.query({ kind, scope });
  const issuedAt = Date.now();
  const { commandId, expiresAt } = isEnding(kind)
    ? await at.client.commands.purge.mutate({ kind, scope, reason, confirm: counted.matched })
    : await at.client.commands.issue.mutate({ kind, scope, reason, ...more });
  const found = async () => (await at.client.commands.list.query({})).find(({ id }) => id === commandId);
  await until(async () => (await found())?.results[0]?.status === 'applied', 10_000);
  const [result] = (await found())?.results ?? [];
  if (!result) throw new Error('no node answered');
  return { commandId, expiresAt, counted, result, tookMs: Date.parse(result.at) - issuedAt };
}

const queueOf = (domain: string) => ({ tenantId: red.tenantId, streamId: red.streamId, campaign: null, domain });
const holdsOf = async (domain: string) =>
  (await at.client.queues.explain.query({ queue: queueOf(domain) })).nodes.flatMap(({ holds }) => holds);

it('refuses a command that names nothing, by API and by command line', async () => {
  for (const kind of ['suspend', 'retry', 'drain'] as const) {
    await expect(at.client.commands.preview.query({ kind, scope: {} })).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
    await expect(at.client.commands.issue.mutate({ kind, scope: {}, reason: 'all' })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST' },
    });
  }
  const { code, stderr } = await run(['sluice', 'commands', 'issue', 'suspend', '--reason', 'all'], settingsOf(at.dataDir, at.ports));
  expect([code, stderr]).toEqual([2, expect.stringContaining('name what it touches')]);
  expect(await at.client.commands.list.query({})).toEqual([]);
});

let shortlyHeld: { recipient: string; endsAt: number };

it('suspends what stands ready within a second, says how much, and keeps reason and expiry', async () => {
  const short = await give('suspend', { domain: 'yahoo.com' }, 'for a minute', { minutes: 1 });
  shortlyHeld = { recipient: 'short@yahoo.com', endsAt: Date.parse(short.expiresAt ?? '') };
  await handIn(['short@yahoo.com', ...numbered('slow', 'gmail.com', 40)]);
  const scope = { domain: 'gmail.com', tenant: red.tenantId };
  const { commandId, expiresAt, counted, result, tookMs } = await give('suspend', scope, 'complaints rise', { minutes: 30 });
  expect(counted).toMatchObject({ exact: true, nodes: [{ node, answered: true }] });
  expect(counted.ready).toBeGreaterThan(0);
  expect(result.matched).toBe(counted.matched);
  expect(tookMs).toBeLessThan(1_000);
  const [given] = await at.client.commands.list.query({ active: true });
  expect(given).toMatchObject({ id: commandId, reason: 'complaints rise', expiresAt, active: true });
  // Those in an attempt finish.
  await until(async () => (await at.client.commands.preview.query({ kind: 'suspend', scope })).inFlight === 0, 20_000);
  expect((await at.client.commands.preview.query({ kind: 'suspend', scope })).ready).toBe(0);
  expect(await holdsOf('gmail.com')).toEqual([
    expect.objectContaining({
      kind: 'command',
      commandId,
      detail: expect.stringContaining('complaints rise'),
      clearsAt: Date.parse(expiresAt ?? ''),
    }),
  ]);
});

it('holds over a kill -9 of the engine, and says of a message what holds it', async () => {
  const { processes } = runFile(at.dataDir);
  const before = at.received().length;
  if (!processes.mta) throw new Error(`the run file names no mta, only ${Object.keys(processes).join(', ')}`);
  process.kill(processes.mta.pid, 'SIGKILL');
  await until(() => at.process.exitCode !== null || at.process.signalCode !== null, 30_000);
  at = await startInstallation({ dataDir: at.dataDir, ports: at.ports, owner: at.owner });
  // A node is asked once it has reported again.
  await until(async () => (await at.client.nodes.list.query())[0]?.state === 'running', 20_000);
  const { matched, ready, inFlight } = await at.client.commands.preview.query({ kind: 'resume', scope: { domain: 'gmail.com' } });
  expect(matched).toBeGreaterThan(0);
  expect([ready, inFlight]).toEqual([0, 0]);
  expect(
    at.received().filter(({ recipients }) => recipients.some(({ address }) => address.endsWith('@gmail.com'))).length,
  ).toBeLessThanOrEqual(before);
  expect(await holdsOf('gmail.com')).toEqual([
    expect.objectContaining({ kind: 'command', detail: expect.stringContaining('complaints rise') }),
  ]);
  const [event] = await trace('slow.39@gmail.com');
  const told = await at.client.messages.explain.query({ entryId: event?.entryId ?? '' });
  expect(told).toMatchObject({
    queued: true,
    answered: true,
    holds: [{ kind: 'command', detail: expect.stringContaining('complaints rise') }],
  });
}, 300_000);

it('resumes, and what was held goes out', async () => {
  const { result, counted } = await give('resume', { domain: 'gmail.com', tenant: red.tenantId }, 'complaints fell');
  expect(result.matched).toBe(counted.matched);
  await becomes('slow.39@gmail.com', 'delivered');
});

it('tries now what was to wait an hour, once', async () => {
  const waiting = numbered('full', 'aol.com', 5);
  await handIn(waiting);
  for (const recipient of waiting) await becomes(recipient, 'deferred');
  const [hold] = await holdsOf('aol.com');
  expect(hold).toMatchObject({ kind: 'back_off', reply: { code: expect.any(Number) } });
  const { counted, result } = await give('retry', { domain: 'aol.com' }, 'they say it works now');
  expect([counted.matched, result.matched]).toEqual([5, 5]);
  for (const recipient of waiting) await becomes(recipient, 'deferred', 2);
});

it('moves mail to another pool and sends it from there', async () => {
  await give('suspend', { domain: 'hotmail.com' }, 'listed', { minutes: 30 });
  await handIn(['moved@hotmail.com']);
  const { counted, result } = await give('move', { domain: 'hotmail.com' }, 'by the spare one', { minutes: 30, poolId: spare.poolId });
  expect([counted.matched, result.matched]).toEqual([1, 1]);
  await give('resume', { domain: 'hotmail.com' }, 'listed no more');
  await becomes('moved@hotmail.com', 'delivered');
  expect((await trace('moved@hotmail.com')).at(-1)).toMatchObject({ sourceId: spare.sourceId });
});

it.each([
  ['cancel', 'cancelled', 'outlook.com'],
  ['bounce', 'bounced', 'live.com'],
] as const)(
  'does not %s without the count, then does so with reason and issuer, and mail that comes later is delivered',
  async (kind, type, domain) => {
    const held = numbered('taken', domain, 3);
    await give('suspend', { domain }, 'wrong list', { minutes: 30 });
    await handIn(held);
    await expect(at.client.commands.purge.mutate({ kind, scope: { domain }, reason: 'wrong list', confirm: 0 })).rejects.toMatchObject({
      data: { code: 'CONFLICT' },
    });
    const { result } = await give(kind, { domain }, 'wrong list');
    expect(result.matched).toBe(3);
    await handIn([`later@${domain}`]);
    for (const recipient of held) {
      await becomes(recipient, type);
      expect((await trace(recipient)).map((event) => event.type)).toEqual(['accepted', type]);
      expect((await trace(recipient)).at(-1)?.detail).toContain('wrong list');
    }
    await give('resume', { domain }, 'cleared');
    await becomes(`later@${domain}`, 'delivered');
  },
);

it('flushes DNS of a domain and the connections of a source, and says how many', async () => {
  expect((await give('flush_dns', { domain: 'gmail.com' }, 'they moved')).result).toMatchObject({ status: 'applied' });
  await handIn(numbered('slow.flushed', 'gmail.com', 3));
  await until(
    async () => (await at.client.commands.preview.query({ kind: 'suspend', scope: { domain: 'gmail.com' } })).inFlight > 0,
    10_000,
  );
  const { result } = await give('flush_connections', { source: red.sourceIds[0] ?? '' }, 'a stuck firewall');
  expect(result.matched).toBeGreaterThan(0);
  for (const recipient of numbered('slow.flushed', 'gmail.com', 3)) await becomes(recipient, 'delivered');
});

it('says which settings hold and which rule each came from', async () => {
  const { id } = await at.client.settings.create.mutate({
    ...{ name: 'gentle', where: { source: red.sourceIds[0] ?? '' }, values: { messagesPerConnection: 7 } },
    reason: 'asked to',
  });
  const { values } = await at.client.settings.effective.query({
    domain: 'gmail.com',
    sourceId: red.sourceIds[0] ?? '',
    tenantId: red.tenantId,
  });
  const of = (key: string) => values.find((value) => value.key === key);
  expect(of('messagesPerConnection')).toMatchObject({ value: 7, rule: { id, name: 'gentle' } });
  expect(of('recipientsPerTransaction')).toMatchObject({ value: 100, rule: { name: 'Gmail: sessions' } });
  expect(of('idleTimeoutMs')).toMatchObject({ rule: null });
});

it('shows a provider on the command line, takes its rules back changed, and puts it back to its preset', async () => {
  const sluice = async (...args: string[]) => run(['sluice', 'providers', ...args], settingsOf(at.dataDir, at.ports));
  const shown = await sluice('show', 'proton');
  expect(shown.stdout).toMatch(/^proton\.unknown {2}bad_mailbox {2}blames recipient {2}suppress_recipient/m);
  const rules = join(at.dataDir, 'rules.json');
  const one = { key: 'proton.own', meaning: 'of our own', match: { codes: [4] }, bounceClass: 'other' };
  writeFileSync(rules, JSON.stringify([{ ...one, samples: [{ code: 450, enhanced: null, text: 'later' }] }]));
  const refused = await sluice('set', 'proton', '--mx', 'yahoodns.net', '--reason', 'a slip');
  expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('belongs to the provider yahoo')]);
  expect(await sluice('set', 'proton', '--rules', rules, '--reason', 'our own')).toMatchObject({ code: 0 });
  expect((await sluice('list')).stdout).toMatch(/^proton {2}Proton Mail {2}1 rules {2}\(preset \d+, edited\)/m);
  expect(await sluice('reset', 'proton', '--reason', 'as it was')).toMatchObject({ code: 0 });
  expect((await sluice('list')).stdout).toMatch(/^proton .*\(preset \d+\)/m);
});

it('drains a node, which refuses new mail for now, and undrains it', async () => {
  await give('drain', { node }, 'new disk', { minutes: 30 });
  const greeted = async (): Promise<string> => {
    const dialogue = await Dialogue.open(at.ports.smtp).catch((error: unknown) => error);
    if (!(dialogue instanceof Dialogue)) return String(dialogue);
    const said = await dialogue.say('EHLO client.example\r\n');
    dialogue.close();
    return said;
  };
  await until(async () => !(await greeted()).startsWith('250'), 1_000);
  await expect(handIn(['drained@gmail.com'])).rejects.toThrow(/421/);
  await give('undrain', { node }, 'it is in');
  await until(async () => (await greeted()).startsWith('250'), 1_000);
  await handIn(['undrained@gmail.com']);
  await becomes('undrained@gmail.com', 'delivered');
});

it('ends a suspension by itself at its time, over the restart', async () => {
  await until(() => Date.now() > shortlyHeld.endsAt, 70_000);
  await becomes(shortlyHeld.recipient, 'delivered');
  const delivered = (await trace(shortlyHeld.recipient)).find(({ type }) => type === 'delivered');
  expect(Date.parse(delivered?.at ?? '')).toBeGreaterThanOrEqual(shortlyHeld.endsAt);
});
