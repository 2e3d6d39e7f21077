// Sluice slows down by itself where a provider puts mail off, says so in a sentence, goes on with the same rate, end and step after its
// engine was killed, obeys an operator, and comes back step by step. Against the sandbox's GMX, which takes some twenty a second of a source.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { run, settingsOf } from './commands.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';
import { leftAfter, portsOf, runFile } from './traces.ts';

const messages = 1_200;
const reason = 'automation test';
let at: Installation;
let red: TestTenant;
const figures: string[] = [];

const running = () =>
  until(
    async () =>
      (await at.client.nodes.list.query()).every(({ state, revision, headRevision }) => state === 'running' && revision === headRevision),
    30_000,
  );

beforeAll(async () => {
  at = await startInstallation();
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.61.1'], retrySeconds: [20] });
  const sizes = { message_rate: { count: 100, perSeconds: 1, burst: 100 }, connections: { count: 20, perSeconds: 1, burst: 0 } };
  for (const limit of await at.client.limits.list.query())
    if ((limit.kind === 'message_rate' || limit.kind === 'connections') && (limit.where.provider ?? 'gmx') === 'gmx')
      await at.client.limits.update.mutate({ id: limit.id, ...sizes[limit.kind], enabled: true, reason });
  for (const rule of await at.client.automations.list.query()) {
    const { action, id, name, trigger, per, where, forSeconds, alert } = rule;
    if (action.kind !== 'reduce') continue;
    const quick = { ...action, quietSeconds: 40, stepPercent: 50 };
    await at.client.automations.update.mutate({ id, name, trigger, per, where, forSeconds, alert, action: quick, reason });
  }
  await running();
}, 300_000);
afterAll(async () => {
  process.stdout.write(`${figures.join('\n')}\n`);
  await at?.dispose();
}, 60_000);

async function handIn(word: string, count: number): Promise<void> {
  const send = mailer(at, red);
  const one = (number: number) =>
    send.sendMail({ from: `${word}@${red.domain}`, to: `${word}.${number}@gmx.de`, subject: word, text: word });
  for (let number = 0; number < count; number += 50) await Promise.all(Array.from({ length: 50 }, (_, offset) => one(number + offset)));
  send.close();
}

const active = async () => (await at.client.automations.active.query()).actions.filter(({ kind }) => kind === 'reduce');
const sentences = async () =>
  (await at.client.decisions.list.query({ kind: 'automation', limit: 200 })).items.map(({ sentence }) => sentence).toReversed();

it('slows down within seconds, says from what to what and why, and keeps rate, end and step over a kill -9', async () => {
  await handIn('flood', messages);
  await until(async () => (await active()).length > 0, 90_000);
  await until(async () => (await sentences()).length > 0, 20_000);
  const [first = ''] = await sentences();
  figures.push(first);
  expect(first).toMatch(
    /^GMX and WEB\.DE x red source 1 127\.0\.61\.1: \d+ -> \d+\/min at \d\d:\d\d UTC because .+; next step up \d\d:\d\d UTC \(rule .+\)$/,
  );
  const before = await active();
  const ports = portsOf(at.dataDir);
  process.kill(runFile(at.dataDir).processes['mta']?.pid ?? 0, 'SIGKILL');
  expect(await leftAfter(at.dataDir, ports, 20_000)).toEqual([]);
  at = await startInstallation({ dataDir: at.dataDir, ports: at.ports, owner: at.owner });
  await running();
  const after = await active();
  for (const { id, startedAt } of before) expect(after).toContainEqual(expect.objectContaining({ id, startedAt }));
  const [now] = after;
  if (!now) throw new Error('nothing goes on after the restart');
  expect(now.ratePerMinute).toBeLessThan(now.fromPerMinute ?? 0);
  expect(now.endsAt).toBeGreaterThan(Date.now());
}, 300_000);

it('is pinned and let go from the command line, and a pinned rate stays', async () => {
  const [action] = await active();
  if (!action) throw new Error('nothing goes on');
  const settings = settingsOf(at.dataDir, at.ports);
  const pinned = await run(['sluice', 'automations', 'pin', action.id, '--reason', 'we look at it'], settings);
  expect(pinned.code, pinned.stderr).toBe(0);
  await until(async () => (await active()).some(({ id, pinned: is }) => id === action.id && is), 20_000);
  const rate = (await active()).find(({ id }) => id === action.id)?.ratePerMinute;
  await new Promise((resolve) => setTimeout(resolve, 45_000));
  expect((await active()).find(({ id }) => id === action.id)?.ratePerMinute).toBe(rate);
  const listed = await run(['sluice', 'automations', 'active'], settings);
  expect(listed.stdout).toContain('pinned');
  await at.client.automations.act.mutate({ actionId: action.id, node: action.node, act: 'unpin_action', reason });
  await until(async () => (await active()).every(({ pinned: is }) => !is), 20_000);
}, 120_000);

it('comes back step by step, and once an operator ends what holds it all mail is delivered', async () => {
  await until(async () => (await sentences()).some((sentence) => sentence.includes('without trouble; next step up')), 120_000);
  const delivered = () => new Set(at.received().flatMap(({ recipients }) => recipients.map(({ address }) => address))).size;
  await until(async () => {
    for (const { id: actionId, node } of await active())
      await at.client.automations.act.mutate({ actionId, node, act: 'cancel_action', reason });
    return delivered() >= messages;
  }, 180_000);
  const told = await sentences();
  figures.push(`${told.length} decisions for ${messages} messages; the last: ${told.at(-1)}`);
  const deferred = (await at.client.overview.outcomes.query({ minutes: 60 })).series.reduce((sum, minute) => sum + minute.deferred, 0);
  figures.push(`${deferred} deferrals`);
  expect(deferred).toBeGreaterThan(0);
}, 400_000);
