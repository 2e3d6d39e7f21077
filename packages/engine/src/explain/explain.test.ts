// What an operator is told of a queue, against an engine that is held for each reason in turn.
import { describe, expect, it } from 'vitest';
import { weekDays, type Hold, type Question } from '@sluice/contract';
import { noOptions } from '../entry.ts';
import { engineRig, limitEntity, providerEntity, settingEntity, type EngineRig } from '../testing/engine-rig.ts';
import { commandOf } from '../testing/sample-command.ts';
import { id, smallConfig, sourceEntity, tenantEntities } from '../testing/sample-config.ts';

const hour = 3_600_000;
const queue = { tenantId: id(1), streamId: id(301), campaign: null, domain: 'x.example' };

async function holds(rig: EngineRig): Promise<Hold[]> {
  const answer = await rig.ask({ kind: 'explain', queue });
  if (answer.kind !== 'explain') throw new Error(JSON.stringify(answer));
  return answer.holds;
}
async function listed(rig: EngineRig, changes: Partial<Extract<Question, { kind: 'queues' }>> = {}) {
  const answer = await rig.ask({ kind: 'queues', scope: null, sort: 'size', limit: 10, ...changes });
  if (answer.kind !== 'queues') throw new Error(JSON.stringify(answer));
  return answer;
}
async function counted(rig: EngineRig, scope: Extract<Question, { kind: 'count' }>['scope']) {
  const answer = await rig.ask({ kind: 'count', scope });
  if (answer.kind !== 'count') throw new Error(JSON.stringify(answer));
  return answer;
}

describe('an explanation', () => {
  it('is empty for a queue that flows and for one that is not there', async () => {
    const rig = await engineRig(smallConfig(), { deliverMs: () => 1000 });
    expect(await holds(rig)).toEqual([]);
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(100);
    expect(await holds(rig)).toEqual([]);
  });

  it('names the suspension, why, and when it ends', async () => {
    const rig = await engineRig(smallConfig());
    const nowMs = rig.clock.nowMs();
    await rig.command(commandOf('suspend', { tenant: id(1) }, { number: 1, nowMs, lastsMs: hour }));
    await rig.inject({ recipients: ['a@x.example'] });
    expect((await holds(rig))[0]).toMatchObject({ kind: 'command', commandId: id(5001), clearsAt: nowMs + hour, entries: 1 });
    expect((await holds(rig))[0]?.detail).toContain('a test says so');
  });

  it('names every source that may not send, and the first end of a suspension', async () => {
    const rig = await engineRig(smallConfig());
    const nowMs = rig.clock.nowMs();
    await rig.command(commandOf('suspend', { source: id(101) }, { number: 1, nowMs, lastsMs: hour }));
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(10);
    expect(await holds(rig)).toMatchObject([
      { kind: 'no_source', clearsAt: nowMs + hour, detail: expect.stringContaining('source 1 suspended') },
    ]);
    await rig.configure([sourceEntity(1, { enabled: false })]);
    expect(await holds(rig)).toMatchObject([{ kind: 'no_source', clearsAt: null, detail: expect.stringContaining('source 1 disabled') }]);
  });

  it('tells what DNS said and when it is asked again', async () => {
    const rig = await engineRig(smallConfig());
    rig.dns.failing = true;
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(10);
    const [hold] = await holds(rig);
    expect(hold).toMatchObject({ kind: 'dns', detail: expect.stringContaining('no answer') });
    expect(hold?.clearsAt).toBeGreaterThan(rig.clock.nowMs());
  });

  it('tells why a path rests and until when', async () => {
    const rig = await engineRig(smallConfig(), { refuse: () => 'connection refused' });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(10_000);
    const [hold] = await holds(rig);
    expect(hold).toMatchObject({ kind: 'path_rest', sourceId: id(101), entries: 1, detail: expect.stringContaining('connection refused') });
    expect(hold?.clearsAt).toBeGreaterThan(rig.clock.nowMs());
  });

  it('names the limit that binds with its use', async () => {
    const limits = [limitEntity(1, { where: { tenant: id(1) }, by: [], kind: 'message_rate', count: 1, perSeconds: 60 })];
    const rig = await engineRig([...smallConfig(), ...limits]);
    for (let n = 0; n < 5; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(1000);
    const [hold] = await holds(rig);
    expect(hold).toMatchObject({ kind: 'limit', limit: { name: 'limit 1', used: 1, of: 1, perSeconds: 60 }, entries: 4 });
    expect((hold?.clearsAt ?? 0) - rig.clock.nowMs()).toBeGreaterThan(50_000);
  });

  it('gives the reply that deferred it and the next attempt', async () => {
    const reply = { code: 451, enhanced: '4.7.1', text: 'greylisted, come again', command: 'rcpt' as const };
    const rig = await engineRig(smallConfig(), { outcome: () => ({ kind: 'deferred', reply }) });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    const [hold] = await holds(rig);
    expect(hold).toMatchObject({ kind: 'back_off', entries: 1, reply, detail: expect.stringContaining('451 greylisted') });
    expect(hold?.clearsAt).toBeGreaterThan(rig.clock.nowMs());
  });

  it('tells of a first attempt that was asked for, of what is on disk only, and when the first of them ends', async () => {
    const rig = await engineRig(smallConfig());
    const notBefore = rig.clock.nowMs() + hour;
    await rig.inject({ recipients: ['a@x.example', 'b@x.example'], options: { ...noOptions, notBefore: rig.clock.nowMs() + 60_000 } });
    await rig.inject({ recipients: ['c@x.example'], options: { ...noOptions, notBefore } });
    await rig.clock.advance(10);
    const [hold] = await holds(rig);
    expect(hold).toMatchObject({ kind: 'window', entries: 3, clearsAt: notBefore - hour + 60_000 });
    expect(hold?.detail).toContain('first attempt, as asked with the message');
    expect(hold?.detail).toContain('1 are on disk only');
    expect(hold?.detail).toContain(`none ends before ${new Date(notBefore - hour + 24 * hour).toISOString()}`);
  });

  it("tells of a message's own window and when it opens", async () => {
    const rig = await engineRig(smallConfig());
    // Eight minutes from now, on every day.
    const opens = new Date(rig.clock.nowMs() + 8 * 60_000).toISOString().slice(11, 16);
    const window = { days: [...weekDays], from: opens, to: '23:59', zone: 'UTC' };
    await rig.inject({ recipients: ['a@x.example'], options: { ...noOptions, window } });
    await rig.clock.advance(10);
    const [hold] = await holds(rig);
    expect(hold).toMatchObject({ kind: 'window', entries: 1, detail: expect.stringContaining('window that came with the message') });
    expect((hold?.clearsAt ?? 0) - rig.clock.nowMs()).toBeGreaterThan(6 * 60_000);
    expect((hold?.clearsAt ?? 0) - rig.clock.nowMs()).toBeLessThanOrEqual(8 * 60_000);
  });

  it('tells of a window of the settings, and of a spool that takes no outcomes', async () => {
    const rig = await engineRig(smallConfig());
    const opens = new Date(rig.clock.nowMs() + 8 * 60_000).toISOString().slice(11, 16);
    await rig.configure([settingEntity(1, {}, { window: { days: [...weekDays], from: opens, to: '23:59', zone: 'UTC' } })]);
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(10);
    expect((await holds(rig))[0]).toMatchObject({ kind: 'window', detail: expect.stringContaining('outside its delivery window') });
    rig.spool.setTrouble({ code: 'disk_full', message: 'the reserve is used up', deliveryMayGoOn: false });
    expect((await holds(rig))[0]).toMatchObject({ kind: 'spool', detail: expect.stringContaining('the reserve is used up') });
  });

  it('puts what comes first first', async () => {
    const rig = await engineRig(smallConfig(), { outcome: () => ({ kind: 'deferred' }) });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    await rig.command(commandOf('suspend', { domain: 'x.example' }, { number: 1, nowMs: rig.clock.nowMs(), lastsMs: hour }));
    expect((await holds(rig)).map((hold) => hold.kind)).toEqual(['command', 'back_off']);
  });
});

describe('lists and counts', () => {
  it('lists the largest or the oldest queues within a scope, and no more than asked', async () => {
    const rig = await engineRig([...smallConfig(), ...tenantEntities(2, 1)], { outcome: () => ({ kind: 'deferred' }) });
    for (let n = 0; n < 12; n++) {
      for (let copy = 0; copy <= n; copy++) await rig.inject({ recipients: [`r${copy}@d${n}.example`], tenant: n < 11 ? 1 : 2 });
      await rig.clock.advance(1000);
    }
    expect(await listed(rig)).toMatchObject({ total: 12, entries: 78 });
    expect((await listed(rig)).queues.map((row) => row.count)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect((await listed(rig, { sort: 'oldest', limit: 2 })).queues.map((row) => row.domain)).toEqual(['d0.example', 'd1.example']);
    expect(await listed(rig, { scope: { tenant: id(2) } })).toMatchObject({ total: 1, entries: 12 });
    expect((await listed(rig, { scope: { tenant: id(2) } })).queues[0]).toMatchObject({
      domain: 'd11.example',
      later: 12,
      due: 0,
      site: 'mx.d11.example',
    });
  });

  it('counts exactly by tenant, stream, campaign, domain, and by site or provider while hosts are known', async () => {
    const rig = await engineRig([...smallConfig(), ...tenantEntities(2, 1), providerEntity(1, 'big', 'mx.x.example')], {
      outcome: () => ({ kind: 'deferred' }),
    });
    for (let n = 0; n < 3; n++) await rig.inject({ recipients: [`r${n}@x.example`], campaign: 'spring' });
    for (let n = 0; n < 4; n++) await rig.inject({ recipients: [`r${n}@y.example`], tenant: 2 });
    await rig.clock.advance(1000);
    for (const [scope, matched] of [
      [{ tenant: id(1) }, 3],
      [{ stream: id(302) }, 4],
      [{ campaign: 'spring' }, 3],
      [{ domain: 'y.example' }, 4],
      [{ provider: 'big' }, 3],
      [{ site: 'mx.y.example' }, 4],
      [{ tenant: id(2), provider: 'big' }, 0],
    ] as const)
      expect([scope, await counted(rig, scope)]).toMatchObject([scope, { matched, exact: true, note: '' }]);
    expect(await counted(rig, { source: id(101) })).toMatchObject({ exact: false, note: expect.stringContaining('chosen') });
    expect(await counted(rig, { node: 'another' })).toMatchObject({ matched: 0, ready: 0, inFlight: 0, exact: true });
    expect((await counted(rig, { node: 'n1' })).matched).toBeGreaterThan(0);
    // Once the answer is forgotten nobody knows where the mail would go.
    await rig.command(commandOf('flush_dns', { node: 'n1' }, { number: 9, nowMs: rig.clock.nowMs() }));
    expect(await counted(rig, { provider: 'big' })).toMatchObject({ matched: 0, exact: false, note: expect.stringContaining('not known') });
  });
});
