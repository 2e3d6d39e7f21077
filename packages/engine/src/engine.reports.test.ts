// Who is told of failure, delay and success, once, and never about a report.
import { describe, expect, it } from 'vitest';
import { noOptions } from './entry.ts';
import { senderBurst } from './queue/report-rate.ts';
import { engineRig, limitEntity, settingEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, smallConfig } from './testing/sample-config.ts';

const minute = 60_000;
const refusing = { outcome: (entry: { sender: string }) => (entry.sender === '' ? {} : { kind: 'bounced' as const, reply: refusal }) };
const refusal = { code: 550, enhanced: '5.1.1', text: 'no such user', command: 'rcpt' as const };
const deferring = { outcome: (entry: { sender: string }) => (entry.sender === '' ? {} : { kind: 'deferred' as const }) };

/** Reports that reached a receiver. */
async function reports(rig: EngineRig): Promise<{ to: string; text: string }[]> {
  const sent = rig.remote.deliveries.flatMap((delivery) => delivery.entries).filter((entry) => entry.sender === '');
  return Promise.all(
    sent.map(async (entry) => ({ to: entry.recipient, text: Buffer.from((await rig.spool.read(entry.content)).bytes).toString() })),
  );
}
const types = (rig: EngineRig): string[] => rig.spool.events.map((event) => `${event.type} ${event.recipient}`);

describe('a report of failure', () => {
  it('goes to the sender, names the recipient and its answer, and is noted with the event', async () => {
    const rig = await engineRig(smallConfig(), refusing);
    await rig.inject({ recipients: ['gone@x.example'], notify: 'FAILURE', options: { ...noOptions, envid: 'q-7' } });
    await rig.clock.advance(minute);
    const [report] = await reports(rig);
    expect(report?.to).toBe('from@tenant1.example');
    expect(report?.text).toMatch(/^Final-Recipient: rfc822; gone@x\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/m);
    expect(report?.text).toContain('Original-Envelope-Id: q-7');
    expect(rig.spool.events[0]).toMatchObject({ type: 'bounced', detail: expect.stringMatching(/^failed report \S+ to the sender$/) });
    expect(rig.spool.entries()).toEqual([]);
  });

  it('is one for the recipients of a message that fail together, and none for the others', async () => {
    const rig = await engineRig(smallConfig(), {
      outcome: (entry) => (entry.recipient.startsWith('gone') ? { kind: 'bounced', reply: refusal } : {}),
    });
    await rig.inject({ recipients: ['gone1@x.example', 'ok@x.example', 'gone2@x.example'], notify: 'FAILURE,DELAY' });
    await rig.clock.advance(minute);
    const sent = await reports(rig);
    expect(sent.length).toBe(1);
    expect(sent[0]?.text.match(/^Final-Recipient:.*$/gm)?.length).toBe(2);
    expect(sent[0]?.text).not.toContain('ok@x.example');
  });

  it('never answers the null sender, NOTIFY without FAILURE, or another report', async () => {
    const rig = await engineRig(smallConfig(), { outcome: () => ({ kind: 'bounced', reply: refusal }) });
    for (const notify of ['NEVER', 'DELAY', 'SUCCESS,DELAY']) await rig.inject({ recipients: ['gone@x.example'], notify });
    await rig.clock.advance(minute);
    expect(await reports(rig)).toEqual([]);
    await rig.inject({ recipients: ['gone@x.example'], notify: 'FAILURE' });
    await rig.clock.advance(minute);
    expect(types(rig).slice(3)).toEqual(['bounced gone@x.example', 'bounced from@tenant1.example']);
    expect(rig.spool.entries()).toEqual([]);
  });

  it('is made when the time is over or the domain takes no mail, with what is known of the reason', async () => {
    const rig = await engineRig(smallConfig(), {
      outcome: (entry) =>
        entry.sender === ''
          ? {}
          : { kind: 'deferred', scope: 'transaction', reply: { code: 451, enhanced: '4.7.0', text: 'greylisted', command: 'data' } },
    });
    await rig.inject({ recipients: ['late@x.example'], notify: 'FAILURE', lifeMs: 5 * minute });
    await rig.inject({ recipients: ['a@nullmx.example'], notify: 'FAILURE' });
    await rig.clock.advance(10 * minute);
    const texts = (await reports(rig)).map((report) => report.text);
    expect(texts.find((text) => text.includes('nullmx.example'))).toMatch(/^Status: 5\.1\.10\r$/m);
    const late = texts.find((text) => text.includes('late@x.example'));
    expect(late).toMatch(/^Status: 4\.4\.7\r$/m);
    expect(late).toMatch(/^Diagnostic-Code: smtp; 451 4\.7\.0 greylisted\r$/m);
  });

  it('goes nowhere where a setting says so', async () => {
    const rig = await engineRig([...smallConfig(), settingEntity(1, { stream: id(301) }, { failureReports: 'none' })], refusing);
    await rig.inject({ recipients: ['gone@x.example'], notify: 'FAILURE' });
    await rig.clock.advance(minute);
    expect(await reports(rig)).toEqual([]);
    expect(rig.spool.events).toMatchObject([{ type: 'bounced', detail: null }]);
  });

  it('stops at a bound for one sender, and the event says so', async () => {
    const rig = await engineRig(smallConfig(), refusing);
    for (let n = 0; n < senderBurst + 50; n++) await rig.inject({ recipients: [`gone${n}@x.example`], notify: 'FAILURE' });
    await rig.clock.advance(1000);
    expect((await reports(rig)).length).toBe(senderBurst);
    expect(rig.spool.events.filter((event) => event.detail?.startsWith('not reported: too many reports')).length).toBe(50);
    expect(rig.spool.entries()).toEqual([]);
  });
});

describe('a crash', () => {
  it('between the report and the record of its outcome makes the report again, and loses none', async () => {
    const rig = await engineRig(smallConfig(), refusing);
    const release = rig.spool.stall();
    await rig.inject({ recipients: ['gone@x.example'], notify: 'FAILURE' });
    await rig.clock.advance(10);
    // The report is on disk, the outcome is not.
    expect(rig.spool.entries().map((entry) => entry.recipient)).toEqual(['gone@x.example', 'from@tenant1.example']);
    const after = await rig.restart();
    await after.clock.advance(minute);
    expect((await reports(after)).length).toBe(2);
    expect(after.spool.entries()).toEqual([]);
    release();
  });

  it('while the spool takes nothing keeps the outcome unrecorded until the report is on disk', async () => {
    const rig = await engineRig(smallConfig(), refusing);
    await rig.inject({ recipients: ['gone@x.example'], notify: 'FAILURE' });
    rig.spool.setTrouble({ code: 'disk_full', message: 'no space', deliveryMayGoOn: true });
    await rig.clock.advance(5000);
    expect(rig.spool.events).toEqual([]);
    expect(rig.spool.entries().length).toBe(1);
    rig.spool.setTrouble(null);
    await rig.clock.advance(5000);
    expect((await reports(rig)).length).toBe(1);
    expect(rig.spool.entries()).toEqual([]);
  });
});

describe('a report of delay', () => {
  const settings = settingEntity(1, {}, { delayReportAfterSeconds: 120, delayReports: 'sender' });

  it('comes for mail that waits untried too, behind a suspension or a limit, once, and the mail is sent when it may', async () => {
    const limit = limitEntity(1, { where: { domain: 'y.example' }, by: [], kind: 'message_rate', count: 1, perSeconds: 3600 });
    const rig = await engineRig([...smallConfig(), settings, limit]);
    const nowMs = rig.clock.nowMs();
    await rig.command(commandOf('suspend', { domain: 'x.example' }, { number: 1, nowMs, lastsMs: 30 * minute }));
    await rig.inject({ recipients: ['first@y.example'] });
    await rig.inject({ recipients: ['held1@x.example', 'held2@x.example', 'limited@y.example'], notify: 'DELAY' });
    await rig.inject({ recipients: ['silent@x.example'], notify: 'FAILURE' });
    const options = { ...noOptions, notBefore: nowMs + 25 * minute };
    await rig.inject({ recipients: ['asked@x.example'], notify: 'DELAY', options });
    await rig.clock.advance(110_000);
    expect(await reports(rig)).toEqual([]);
    await rig.clock.advance(20 * minute);
    const told = (await reports(rig)).flatMap(({ text }) => [...text.matchAll(/^Final-Recipient: rfc822; (\S+)\r\nAction: delayed/gm)]);
    expect(told.map(([, address]) => address).sort()).toEqual(['held1@x.example', 'held2@x.example', 'limited@y.example']);
    await rig.clock.advance(60 * minute);
    expect((await reports(rig)).length).toBe(2);
    expect(rig.spool.entries()).toEqual([]);
    const attempts = rig.remote.deliveries.flatMap(({ entries }) => entries).filter((entry) => entry.sender !== '');
    expect(attempts.length).toBe(6);
  });

  it('comes once, after its time, and not again after a restart', async () => {
    const rig = await engineRig([...smallConfig(), settings], deferring);
    await rig.inject({ recipients: ['slow@x.example'], notify: 'DELAY,FAILURE' });
    await rig.clock.advance(100_000);
    expect(await reports(rig)).toEqual([]);
    await rig.clock.advance(20 * minute);
    const [report, ...more] = await reports(rig);
    expect(more).toEqual([]);
    expect(report?.text).toMatch(/^Action: delayed\r\nStatus: 4\./m);
    expect(report?.text).toMatch(/^Will-Retry-Until: /m);
    const after = await rig.restart();
    await after.clock.advance(60 * minute);
    expect(await reports(after)).toEqual([]);
    expect(after.spool.entries()).toMatchObject([{ recipient: 'slow@x.example', delayReported: true }]);
  });

  it('does not come to a sender that did not ask for it', async () => {
    const rig = await engineRig([...smallConfig(), settings], deferring);
    await rig.inject({ recipients: ['slow@x.example'], notify: 'FAILURE' });
    await rig.clock.advance(20 * minute);
    expect(await reports(rig)).toEqual([]);
  });
});

describe('a report of success', () => {
  it('says relayed when it was asked for and the next host will not report', async () => {
    const rig = await engineRig(smallConfig());
    await rig.inject({ recipients: ['a@x.example'], notify: 'SUCCESS' });
    await rig.inject({ recipients: ['b@x.example'], notify: 'FAILURE' });
    await rig.clock.advance(1000);
    const sent = await reports(rig);
    expect(sent.length).toBe(1);
    expect(sent[0]?.text).toMatch(/^Final-Recipient: rfc822; a@x\.example\r\nAction: relayed\r\nStatus: 2\.0\.0\r$/m);
  });

  it('is left to a next host that offers DSN', async () => {
    const rig = await engineRig(smallConfig(), { offersDsn: true });
    await rig.inject({ recipients: ['a@x.example'], notify: 'SUCCESS' });
    await rig.clock.advance(1000);
    expect(await reports(rig)).toEqual([]);
  });
});

describe('a hook', () => {
  const settings = settingEntity(1, {}, { failureReports: 'hook', reportHookUrl: 'http://127.0.0.1:1/b' });

  it('gets the failure instead of the sender, before the outcome is recorded', async () => {
    const rig = await engineRig([...smallConfig(), settings], refusing);
    await rig.inject({ recipients: ['gone@x.example'] });
    await rig.clock.advance(1000);
    expect(rig.hooked).toMatchObject([
      {
        url: 'http://127.0.0.1:1/b',
        kind: 'failed',
        sender: 'from@tenant1.example',
        recipients: [{ recipient: 'gone@x.example', status: '5.1.1' }],
      },
    ]);
    expect(await reports(rig)).toEqual([]);
    expect(rig.spool.events).toMatchObject([{ type: 'bounced', detail: 'failed report to the hook' }]);
  });

  it('that fails is called a bounded number of times, then the outcome is recorded without it', async () => {
    const rig = await engineRig([...smallConfig(), settings], refusing);
    rig.hookFails.on = true;
    await rig.inject({ recipients: ['gone@x.example'] });
    await rig.clock.advance(5 * minute);
    expect(rig.hooked.length).toBe(4);
    expect(rig.spool.events).toMatchObject([{ type: 'bounced', detail: 'not reported: the hook failed: status 500' }]);
    expect(rig.spool.entries()).toEqual([]);
  });
});
