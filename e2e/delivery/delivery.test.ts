// The first slice from outside: mail handed in by a third-party client, delivered to the sandbox, traced by the API; and everything
// that must be refused, by SMTP and by API, between two tenants. One installation serves the file.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstallation, until, type Installation } from '@sluice/bench/installation';
import { createSluiceClient } from '@sluice/client';
import { Dialogue, plain } from './smtp-dialogue.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';

let at: Installation;
let red: TestTenant;
let blue: TestTenant;

beforeAll(async () => {
  at = await startInstallation();
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.11.1', '127.0.11.2'] });
  blue = await makeTenant(at, { slug: 'blue', sourceAddresses: ['127.0.12.1'] });
  await configurationApplied();
}, 300_000);
afterAll(() => at?.dispose(), 60_000);

async function configurationApplied(): Promise<void> {
  await until(
    async () => (await at.client.nodes.list.query()).every((node) => node.state === 'running' && node.revision === node.headRevision),
    20_000,
  );
}

async function traced(recipient: string, type: string) {
  let events: Awaited<ReturnType<typeof at.client.messages.trace.query>>['events'] = [];
  await until(async () => {
    events = (await at.client.messages.trace.query({ recipient })).events;
    return events.some((event) => event.type === type);
  }, 10_000);
  return events;
}

async function signedIn(tenant: TestTenant): Promise<Dialogue> {
  const dialogue = await Dialogue.open(at.ports.smtp);
  await dialogue.say('EHLO client.example\r\n');
  expect(await dialogue.say(`AUTH PLAIN ${plain(tenant.username, tenant.password)}\r\n`)).toMatch(/^235/);
  return dialogue;
}

async function handIn(dialogue: Dialogue, sender: string, content: string): Promise<string> {
  const mail = await dialogue.say(`MAIL FROM:<${sender}>\r\n`);
  if (!mail.startsWith('250')) return mail;
  await dialogue.say('RCPT TO:<someone@gmail.com>\r\n');
  await dialogue.say('DATA\r\n');
  return dialogue.say(`${content}\r\n.\r\n`);
}

describe('a message from a third-party client', () => {
  it.skipIf(!existsSync('/usr/bin/swaks'))('from swaks to gmail.com is traced with the id that the receiver gave, within 5 s', async () => {
    const recipient = `ada.${Date.now()}@gmail.com`;
    const from = `news@${red.domain}`;
    const auth = ['--auth', 'PLAIN', '--auth-user', red.username, '--auth-password', red.password];
    const run = spawnSync('swaks', ['--server', `127.0.0.1:${at.ports.smtp}`, '--from', from, '--to', recipient, ...auth], {
      encoding: 'utf8',
    });
    expect(run.status, run.stdout + run.stderr).toBe(0);
    const startedAt = performance.now();
    const events = await traced(recipient, 'delivered');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(events.map((event) => event.type)).toEqual(['accepted', 'delivered']);
    const receipt = at.received().find((mail) => mail.recipients.some((to) => to.address === recipient));
    expect(receipt?.id).toBeTruthy();
    expect(events[1]?.remoteReply?.text).toContain(receipt?.id);
    expect(events[1]?.tls?.version).toMatch(/^TLSv1\.[23]$/);
    expect(['127.0.11.1', '127.0.11.2']).toContain(receipt?.sourceAddress);
    expect(receipt?.headers.some(([name]) => name.toLowerCase() === 'dkim-signature')).toBe(true);
  });

  it('to an unknown mailbox bounces with the reply of the remote, to a full one is deferred', async () => {
    const send = mailer(at, red);
    const recipients = [`unknown.${Date.now()}@gmail.com`, `full.${Date.now()}@outlook.com`];
    await send.sendMail({ from: `news@${red.domain}`, to: recipients, subject: 'hello', text: 'hello' });
    send.close();
    const bounced = (await traced(recipients[0] ?? '', 'bounced')).at(-1);
    expect(bounced).toMatchObject({ bounceClass: 'bad_mailbox', scope: 'recipient', attempt: 1 });
    expect(bounced?.replyRule).toEqual({ key: 'gmail.unknown', meaning: 'There is no such mailbox.' });
    expect(bounced?.remoteReply?.code).toBeGreaterThanOrEqual(550);
    const deferred = (await traced(recipients[1] ?? '', 'deferred')).at(-1);
    expect(deferred?.remoteReply?.code).toBeLessThan(500);
    expect(deferred?.replyRule?.key).toBe('outlook.full');
    expect(Date.parse(deferred?.nextAttemptAt ?? '')).toBeGreaterThan(Date.now());
  });

  it('to a host that never answers is held back by the path and costs no attempt', async () => {
    const send = mailer(at, red);
    const recipient = `someone.${Date.now()}@dead.example`;
    await send.sendMail({ from: `news@${red.domain}`, to: recipient, subject: 'hello', text: 'hello' });
    send.close();
    await until(
      async () => (await at.client.overview.lastEvents.query({ limit: 100 })).some((event) => event.type === 'path_deferred'),
      20_000,
    );
    const events = (await at.client.messages.trace.query({ recipient })).events;
    expect(events.filter((event) => event.type === 'deferred' || event.type === 'bounced')).toEqual([]);
  });

  it('follows a static route instead of the MX', async () => {
    const { id } = await at.client.routes.create.mutate({ domain: 'routed.example', host: '127.0.0.1', port: 9 });
    await configurationApplied();
    const send = mailer(at, blue);
    await send.sendMail({ from: `news@${blue.domain}`, to: 'someone@routed.example', subject: 'hello', text: 'hello' });
    send.close();
    await until(async () => {
      const events = await at.client.overview.lastEvents.query({ limit: 100 });
      return events.some(
        (event) => event.type === 'path_deferred' && (event.remoteAddress === '127.0.0.1' || event.mxHost === '127.0.0.1'),
      );
    }, 20_000);
    await at.client.routes.delete.mutate({ id, reason: 'test is over' });
  });
});

describe('bad input', () => {
  it('relay without a credential is refused and nothing is queued', async () => {
    const dialogue = await Dialogue.open(at.ports.smtp);
    await dialogue.say('EHLO client.example\r\n');
    expect(await dialogue.say(`MAIL FROM:<news@${red.domain}>\r\n`)).toMatch(/^530 5\.7\.0/);
    expect(await dialogue.say('RCPT TO:<a@gmail.com>\r\n')).toMatch(/^503/);
    expect(await dialogue.say('DATA\r\n')).toMatch(/^503/);
    dialogue.close();
  });

  it('a wrong password is refused with 535 and a growing wait', async () => {
    const dialogue = await Dialogue.open(at.ports.smtp);
    await dialogue.say('EHLO client.example\r\n');
    const times: number[] = [];
    for (let n = 0; n < 2; n += 1) {
      const startedAt = performance.now();
      expect(await dialogue.say(`AUTH PLAIN ${plain(red.username, 'wrong')}\r\n`)).toMatch(/^535 5\.7\.8/);
      times.push(performance.now() - startedAt);
    }
    expect(times[0]).toBeGreaterThan(450);
    expect(times[1]).toBeGreaterThan((times[0] ?? 0) + 300);
    expect(await dialogue.say(`AUTH PLAIN ${plain(red.username, red.password)}\r\n`)).toMatch(/^235/);
    dialogue.close();
  }, 20_000);

  it.each([
    ['a bare LF', 'From: <a@red.example>\r\n\r\nx\ny', /^554 5\.6\.0 line 3 ends in LF without CR/],
    ['a NUL', 'From: <a@red.example>\r\n\r\nx\0y', /^554 5\.6\.0 message holds a NUL octet/],
    ['an over-long line', `From: <a@red.example>\r\n\r\n${'x'.repeat(999)}`, /^554 5\.6\.0 line 3 is longer/],
    ['no From', 'Subject: x\r\n\r\nx', /^550 5\.6\.0/],
    ['garbage for a header', '\x01\x02 not a header\r\n\r\nx', /^55[04] 5\.6\.0/],
  ])('a content with %s has a clear reply and the session goes on', async (_name, content, reply) => {
    const dialogue = await signedIn(red);
    expect(await handIn(dialogue, 'a@red.example', content)).toMatch(reply);
    expect(await handIn(dialogue, 'a@red.example', 'From: <a@red.example>\r\n\r\nfine')).toMatch(/^250 2\.0\.0 Ok: queued as /);
    dialogue.close();
  });

  it('unknown verbs, 8-bit commands and over-long commands have a clear reply and end no process', async () => {
    const dialogue = await signedIn(red);
    expect(await dialogue.say('FROB x\r\n')).toMatch(/^500/);
    expect(await dialogue.say('MAIL FROM:<\xe4\xf6@red.example>\r\n')).toMatch(/^5/);
    expect(await dialogue.say('MAIL FROM:<a@red.example> FOO=bar\r\n')).toMatch(/^555/);
    expect(await dialogue.say(`NOOP ${'x'.repeat(8_000)}\r\n`)).toMatch(/^(421|500|closed)/);
    dialogue.close();
    const again = await signedIn(red);
    expect(await again.say('NOOP\r\n')).toMatch(/^250/);
    again.close();
  });

  it('a message over the size limit is refused with 552 by its announced and by its real size', async () => {
    const dialogue = await signedIn(red);
    expect(await dialogue.say('MAIL FROM:<a@red.example> SIZE=999999999\r\n')).toMatch(/^552/);
    await dialogue.say('MAIL FROM:<a@red.example>\r\n');
    await dialogue.say('RCPT TO:<someone@gmail.com>\r\n');
    await dialogue.say('DATA\r\n');
    dialogue.send('From: <a@red.example>\r\n\r\n');
    const chunk = `${'x'.repeat(78)}\r\n`.repeat(13_107); // a megabyte
    for (let n = 0; n < 52; n += 1) dialogue.send(chunk);
    expect(await dialogue.say('.\r\n')).toMatch(/^552 5\.3\.4/);
    dialogue.close();
  }, 30_000);

  it('takes 1,000 recipients and answers 452 to the next', async () => {
    const dialogue = await signedIn(red);
    await dialogue.say('MAIL FROM:<a@red.example>\r\n');
    for (let n = 0; n < 1_000; n += 1) dialogue.send(`RCPT TO:<r${n}@gmail.com>\r\n`);
    for (let n = 0; n < 1_000; n += 1) expect(await dialogue.reply()).toMatch(/^250/);
    expect(await dialogue.say('RCPT TO:<one-more@gmail.com>\r\n')).toMatch(/^452 4\.5\.3/);
    await dialogue.say('RSET\r\n');
    dialogue.close();
  }, 30_000);
});

describe('two tenants crossed', () => {
  it('by SMTP: sender domain, From domain and every steering header of the other are refused', async () => {
    const dialogue = await signedIn(red);
    const own = `From: <a@${red.domain}>`;
    expect(await handIn(dialogue, `a@${blue.domain}`, `${own}\r\n\r\nx`)).toMatch(/^550 5\.7\.1/);
    const crossed = [
      `From: <a@${blue.domain}>`,
      `From: <a@${red.domain}>, <b@${blue.domain}>`,
      `${own}\r\nX-Sluice-Tenant: ${blue.slug}`,
      `${own}\r\nX-Sluice-Tenant: ${blue.tenantId}`,
      `${own}\r\nX-Sluice-Stream: ${blue.streamName}`,
      `${own}\r\nX-Sluice-Pool: ${blue.poolName}`,
      `From: <a@${blue.domain}>\r\nFrom: <a@${red.domain}>`,
    ];
    for (const header of crossed) {
      await dialogue.say('RSET\r\n');
      expect(await handIn(dialogue, `a@${red.domain}`, `${header}\r\n\r\nx`), header).toMatch(/^550 5\.(7\.1|6\.0)/);
    }
    dialogue.close();
  });

  it('by API: what belongs to the other is NOT_FOUND or absent', async () => {
    const recipient = `secret.${Date.now()}@gmail.com`;
    const send = mailer(at, blue);
    await send.sendMail({ from: `news@${blue.domain}`, to: recipient, subject: 'secret', text: 'secret' });
    send.close();
    const [event] = await traced(recipient, 'delivered');
    const email = `red-analyst@${red.domain}`;
    const password = `pw-${red.tenantId}`;
    await at.client.users.create.mutate({ name: 'Red', email, password, role: 'analyst', tenantId: red.tenantId });
    const analyst = await signInAs(email, password);
    expect((await analyst.messages.trace.query({ recipient })).events).toEqual([]);
    expect((await analyst.messages.search.query({ recipient })).items).toEqual([]);
    await expect(analyst.messages.timeline.query({ entryId: event?.entryId ?? '' })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
    expect((await analyst.overview.lastEvents.query({ limit: 100 })).filter((seen) => seen.tenantId !== red.tenantId)).toEqual([]);
    for (const list of [
      await analyst.streams.list.query({}),
      await analyst.domains.list.query({}),
      await analyst.credentials.list.query({}),
    ]) {
      expect(list.map((item) => item.tenantId)).toEqual([red.tenantId]);
    }
    expect((await analyst.tenants.list.query()).map((tenant) => tenant.id)).toEqual([red.tenantId]);
    expect(JSON.stringify(await analyst.pools.list.query())).not.toContain(blue.tenantId);
    await expect(analyst.pools.setMembers.mutate({ id: blue.poolId, members: [], reason: 'take over' })).rejects.toMatchObject({
      data: { code: expect.stringMatching(/NOT_FOUND|FORBIDDEN/) },
    });
  });
});

async function signInAs(email: string, password: string) {
  const response = await fetch(`${at.consoleUrl}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: at.consoleUrl },
    body: JSON.stringify({ email, password }),
  });
  expect(response.status).toBe(200);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return createSluiceClient({ url: at.consoleUrl, cookie });
}
