// swaks -> Sluice -> Debian's Postfix, whose OpenDKIM verifies: the signature holds at an implementation that is not ours, and what lies in
// the Maildir is what was sent, apart from a listed set of added header fields.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { missingPrograms } from '@sluice/bench/postfix-instance';
import { makeTenant, type TestTenant } from '../delivery/tenant.ts';
import { authserv, startMaildir, type Maildir } from './maildir.ts';
import { addedFields, message, onTheWire, samples, withLf, withoutAdded } from './message.ts';

const missing = missingPrograms('postfix', 'opendkim', 'swaks');
const inbox = 'inbox.example';
const recipient = `bob@${inbox}`;

describe.skipIf(missing !== null)(`mail to Debian's Postfix with OpenDKIM${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let at: Installation;
  let tenant: TestTenant;
  let maildir: Maildir;
  let files = '';

  beforeAll(async () => {
    files = mkdtempSync(join(tmpdir(), 'interop-'));
    at = await startInstallation();
    tenant = await makeTenant(at, { slug: 'interop', sourceAddresses: ['127.0.31.1'] });
    const keys = await at.client.selectors.list.query({ tenantId: tenant.tenantId });
    maildir = await startMaildir(inbox, Object.fromEntries(keys.map((key) => [key.dnsName, key.dnsValue])));
    const { revision } = await at.client.routes.create.mutate({ domain: inbox, host: '127.0.0.1', port: maildir.smtpPort });
    await until(async () => (await at.client.nodes.list.query()).every((node) => (node.revision ?? 0) >= revision), 20_000);
  }, 300_000);
  afterAll(async () => {
    await maildir?.stop();
    await at?.dispose();
    rmSync(files, { recursive: true, force: true });
  }, 60_000);

  function swaks(wire: string, extra: string[] = []): void {
    const file = join(files, 'message');
    writeFileSync(file, wire);
    const auth = ['--auth', 'PLAIN', '--auth-user', tenant.username, '--auth-password', tenant.password];
    const envelope = ['--from', `ann@${tenant.domain}`, '--to', recipient, '--ehlo', 'client.interop.example'];
    const args = [
      '--server',
      '127.0.0.1',
      '--port',
      String(at.ports.smtp),
      ...auth,
      ...envelope,
      '--data',
      `@${file}`,
      '--no-data-fixup',
      ...extra,
    ];
    const run = spawnSync('swaks', args, { encoding: 'utf8', timeout: 30_000 });
    expect(run.status, `${run.stdout}${run.stderr}`).toBe(0);
  }

  it.each(Object.keys(samples))('%s arrives as it was sent, and its signature passes', async (name) => {
    const sample = samples[name];
    if (!sample) throw new Error(`no sample ${name}`);
    const messageId = `<${name.replaceAll(' ', '-')}.${Date.now()}@${tenant.domain}>`;
    const sent = message(`ann@${tenant.domain}`, recipient, messageId, sample);
    swaks(onTheWire(sent));
    const { own, added } = withoutAdded(await maildir.message(messageId));
    expect(own.toString('latin1')).toBe(withLf(sent).toString('latin1'));
    const results = added.filter((field) => /^authentication-results:/i.test(field)).join('\n');
    expect(results).toContain(authserv);
    expect(results).toMatch(/dkim=pass/);
    expect(results).not.toMatch(/dkim=(?!pass)/);
    expect(results).toContain(`header.d=${tenant.domain}`);
  });

  /** Taken in and sent in parts; its signature covers the hash that was computed as they came. */
  async function sendLarge(name: string): Promise<void> {
    const messageId = `<large-${name}.${Date.now()}@${tenant.domain}>`;
    const body = Array.from(
      { length: 60_000 },
      (_, index) => `${index % 7 === 0 ? '.' : ''}${index} ${'large '.repeat(11)}${index % 5 === 0 ? '  ' : ''}`,
    );
    const sent = message(`ann@${tenant.domain}`, recipient, messageId, { fields: ['Subject: large'], body });
    swaks(onTheWire(sent), ['--suppress-data']);
    const { own, added } = withoutAdded(await maildir.message(messageId));
    expect(own.equals(withLf(sent))).toBe(true);
    expect(added.filter((field) => /^authentication-results:/i.test(field)).join('\n')).toMatch(/dkim=pass/);
  }

  it('a message of four megabytes arrives as it was sent, and its signature passes', async () => {
    await sendLarge('data');
  });

  it('messages by BDAT, small and large, arrive as they were sent, and their signatures pass', async () => {
    const { revision } = await at.client.settings.create.mutate({ name: 'chunks', where: {}, values: { chunking: true } });
    await until(async () => (await at.client.nodes.list.query()).every((node) => (node.revision ?? 0) >= revision), 20_000);
    await sendLarge('bdat');
    for (const [index, sample] of Object.values(samples).entries()) {
      const messageId = `<bdat-${index}.${Date.now()}@${tenant.domain}>`;
      const sent = message(`ann@${tenant.domain}`, recipient, messageId, sample);
      swaks(onTheWire(sent));
      const { own, added } = withoutAdded(await maildir.message(messageId));
      expect(own.toString('latin1')).toBe(withLf(sent).toString('latin1'));
      expect(added.filter((field) => /^authentication-results:/i.test(field)).join('\n')).toMatch(/dkim=pass/);
    }
    // Postfix counts the commands of a session when it ends.
    await until(() => / bdat=[1-9]/.test(maildir.log()), 60_000);
  });

  it('a message changed on its way does not pass, so that a pass means something', async () => {
    const messageId = `<forged.${Date.now()}@${tenant.domain}>`;
    const sent = message(`ann@${tenant.domain}`, recipient, messageId, { fields: ['Subject: true'], body: ['true'] });
    swaks(onTheWire(sent));
    const stored = (await maildir.message(messageId)).toString('latin1');
    const signature = /^DKIM-Signature:[^\n]*(?:\n[ \t][^\n]*)*\n/m.exec(stored)?.[0] ?? '';
    expect(signature).toContain('rsa-sha256');
    const forgedId = messageId.replace('forged', 'changed');
    const changed = `${signature.replaceAll('\n', '\r\n')}${sent.replace(messageId, forgedId).replace('\r\ntrue\r\n', '\r\nfalse\r\n')}`;
    const file = join(files, 'changed');
    writeFileSync(file, onTheWire(changed));
    const direct = ['--server', '127.0.0.1', '--port', String(maildir.smtpPort), '--from', `ann@${tenant.domain}`, '--to', recipient];
    expect(spawnSync('swaks', [...direct, '--data', `@${file}`, '--no-data-fixup'], { timeout: 30_000 }).status).toBe(0);
    const { added } = withoutAdded(await maildir.message(forgedId));
    expect(added.filter((field) => /^authentication-results:/i.test(field)).join('\n')).toMatch(/dkim=fail/);
  });

  it('adds only the listed fields, each once, and From is signed once more than it occurs', async () => {
    const messageId = `<fields.${Date.now()}@${tenant.domain}>`;
    swaks(onTheWire(message(`ann@${tenant.domain}`, recipient, messageId, samples['plain text'] ?? { body: [] })));
    const { added } = withoutAdded(await maildir.message(messageId));
    const names = added.map((field) => field.slice(0, field.indexOf(':')).toLowerCase());
    // Two hops, two Received fields; of every other field one.
    expect(names.toSorted()).toEqual([...addedFields, 'received'].toSorted());
    const signature = added.find((field) => /^dkim-signature:/i.test(field)) ?? '';
    const signed = /\bh=([^;]+);/.exec(signature)?.[1]?.replace(/\s/g, '').toLowerCase().split(':') ?? [];
    expect(signed.filter((field) => field === 'from')).toHaveLength(2);
  });
});
