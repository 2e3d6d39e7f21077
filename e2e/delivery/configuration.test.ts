// Configuration as text on a running installation, by the command line: exported, changed, planned, applied until the node has it, rolled
// back; a key that came as text only never signs, and its mail leaves all the same.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { run, settingsOf } from './commands.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';

let at: Installation;
let red: TestTenant;
beforeAll(async () => {
  at = await startInstallation();
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.14.1'] });
}, 300_000);
afterAll(() => at?.dispose(), 60_000);

const sluice = (...args: string[]) => run(['sluice', ...args], settingsOf(at.dataDir, at.ports));
const file = (name: string) => join(at.dataDir, name);
const reason = ['--reason', 'a test of texts'];
async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await sluice(...args);
  expect([
    code,
    stderr
      .split('\n')
      .filter((line) => !/^revision \d+$/.test(line))
      .join(''),
  ]).toEqual([0, '']);
  return stdout;
}
const runs = async () => (await at.client.nodes.list.query())[0]?.revision ?? 0;
const head = async () => (await at.client.config.revisions.query({ limit: 1 })).items[0]?.number ?? 0;

it('a text is exported, planned, applied and in force on the node when the command ends', async () => {
  const whole = file('whole.yaml');
  await done('config', 'export', '--out', whole);
  const text = readFileSync(whole, 'utf8');
  expect(text).toContain('  red/red mail:\n');
  expect(await done('config', 'plan', whole)).toContain('nothing changes');
  writeFileSync(whole, text.replace('weight: 1\n', 'weight: 9\n'));
  expect(await done('config', 'plan', whole)).toMatch(
    /~ pool red pool\n {4}members\.red source 1\.weight: 1 -> 9\n[^]*0 to add, 1 to change, 0 to remove/,
  );
  const before = await head();
  expect(await done('config', 'apply', whole, '--wait', ...reason)).toContain(`revision ${before + 1} is in force on`);
  expect(await runs()).toBeGreaterThanOrEqual(before + 1);
  expect(await done('config', 'show', 'pools:red pool')).toContain('weight: 9');
  expect(await done('config', 'diff', String(before))).toContain('weight: 1 -> 9');
  await done('config', 'rollback', String(before), '--wait', ...reason);
  expect(await done('config', 'show', 'pools:red pool')).toContain('weight: 1');
  const log = await done('config', 'log', '--limit', '2');
  expect(log.split('\n').filter(Boolean)).toHaveLength(2);
  expect(log).toContain('a test of texts');
}, 120_000);

it('a broken text ends with 1 and says where; a locked section refuses all but its own texts', async () => {
  const text = file('limits.yaml');
  writeFileSync(text, 'sluice: 1\nlimits:\n  gmail:\n    kint: daily_cap\n');
  const broken = await sluice('config', 'apply', text, '--merge', ...reason);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/error: line 4, column 5: limits gmail, kint: unknown key kint; expected one of/);
  writeFileSync(text, 'sluice: 1\nlimits:\n  gmail: { kind: daily_cap, count: 100000 }\n');
  await done('config', 'lock', 'limits', '--name', 'git: limits', ...reason);
  const locked = await sluice('config', 'apply', text, '--merge', ...reason);
  expect([locked.code, locked.stderr]).toEqual([6, expect.stringContaining('limits are managed by git: limits')]);
  await done('config', 'apply', text, '--merge', '--lock', 'git: limits', '--wait', ...reason);
  await done('config', 'unlock', 'limits', ...reason);
}, 120_000);

it('a draft is kept until it is published as one revision, over what others changed only when that is said', async () => {
  const text = file('draft.yaml');
  writeFileSync(
    text,
    'sluice: 1\nlimits:\n  drafted: { kind: daily_cap, count: 7 }\npools:\n  red pool: { members: { red source 1: { weight: 3 } } }\n',
  );
  const before = await head();
  expect(await done('config', 'drafts', 'save', 'next week', text, '--merge')).toContain('1 to add, 1 to change, 0 to remove');
  expect([await head(), await done('config', 'drafts', 'show', 'next week')]).toEqual([before, readFileSync(text, 'utf8')]);
  expect(await done('config', 'drafts', 'list')).toContain(`next week\tlocal\t${before}\tmerge`);
  const pool = file('pool.yaml');
  writeFileSync(pool, 'sluice: 1\npools:\n  red pool: { members: { red source 1: { weight: 5 } } }\n');
  await done('config', 'apply', pool, '--merge', ...reason);
  expect(await done('config', 'drafts', 'plan', 'next week')).toContain(`others changed since revision ${before}: pool red pool`);
  const refused = await sluice('config', 'drafts', 'publish', 'next week', ...reason);
  expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('pool red pool')]);
  const published = await done('config', 'drafts', 'publish', 'next week', '--overwrite', '--wait', ...reason);
  expect(published).toContain(`published as revision ${before + 2}`);
  expect(await done('config', 'show', 'pools:red pool')).toContain('weight: 3');
  expect((await sluice('config', 'drafts', 'show', 'next week')).code).toBe(5);
  await done('config', 'drafts', 'save', 'never', pool, '--merge');
  await done('config', 'drafts', 'discard', 'never');
  expect(await done('config', 'drafts', 'list')).toBe('no drafts\n');
}, 300_000);

it('a selector whose key is not here never signs and its mail is delivered unsigned, until it is given its key again', async () => {
  const domain = 'moved.example';
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const key = {
    id: '01890000-0000-7000-8000-00000000abcd',
    fingerprint: `sha256:${createHash('sha256').update(publicKey).digest('hex')}`,
    publicKey: publicKey.toString('base64'),
  };
  const selector = { tenant: red.slug, algorithm: 'rsa-sha256', state: 'active', key };
  // What YAML reads, JSON can write.
  const text = { sluice: 1, domains: { [domain]: { tenant: red.slug } }, selectors: { [`${domain}/s1`]: selector } };
  writeFileSync(file('moved.yaml'), JSON.stringify(text));
  const said = await done('config', 'apply', file('moved.yaml'), '--merge', '--wait', ...reason);
  expect(said).toContain('note: dkim key moved.example/s1: key missing, it does not sign');
  const send = mailer(at, red);
  await send.sendMail({ from: `news@${domain}`, to: 'ann@customer.example', subject: 'unsigned', text: 'unsigned' });
  await send.sendMail({ from: `news@${red.domain}`, to: 'bob@customer.example', subject: 'signed', text: 'signed' });
  const got = (to: string) => at.received().find(({ recipients }) => recipients.some(({ address }) => address === to));
  await until(() => got('ann@customer.example') !== undefined && got('bob@customer.example') !== undefined, 30_000);
  const signed = (to: string) => got(to)?.headers.some(([name]) => name.toLowerCase() === 'dkim-signature');
  expect([signed('ann@customer.example'), signed('bob@customer.example')]).toEqual([false, true]);
  writeFileSync(file('s1.pem'), privateKey);
  expect(await done('selectors', 'give-key', domain, 's1', file('s1.pem'), ...reason)).toContain(`s1._domainkey.${domain} has its key`);
  await done('config', 'wait');
  await send.sendMail({ from: `news@${domain}`, to: 'cid@customer.example', subject: 'signed too', text: 'signed too' });
  send.close();
  await until(() => got('cid@customer.example') !== undefined, 30_000);
  expect(signed('cid@customer.example')).toBe(true);
  // The sandbox's DNS has no record of it.
  const looked = await sluice('selectors', 'check', '--domain', domain);
  expect([looked.code, looked.stdout]).toEqual([1, expect.stringContaining(`s1._domainkey.${domain}\tabsent`)]);
}, 300_000);
