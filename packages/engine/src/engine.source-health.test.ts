// Sources that cannot send, against a whole engine: taken out, told, probed back, over restarts and by an operator's word.
import { describe, expect, it } from 'vitest';
import type { ConnectFault } from '@sluice/policy';
import type { Answer, SourceHealthRow } from '@sluice/contract';
import type { EgressPath } from './egress-path.ts';
import { engineRig, providerEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, smallConfig, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';

const minute = 60_000;
const two = (): SampleEntity[] => [
  ...[sourceEntity(1), sourceEntity(2)],
  poolEntity(
    1,
    [1, 2].map((n) => ({ sourceId: id(100 + n), weight: 1 })),
  ),
  ...tenantEntities(1, 1),
];
/** Connects of source 1 fail while `broken.is` names why. */
function breaking(fault: ConnectFault) {
  const broken: { is: ConnectFault | null } = { is: fault };
  const hit = ({ source }: EgressPath): boolean => source.id === id(101) && broken.is !== null;
  return {
    broken,
    script: {
      refuse: (path: EgressPath) => (hit(path) ? 'connect: it failed' : null),
      fault: (path: EgressPath) => (hit(path) ? broken.is : null),
    },
  };
}
async function health(rig: EngineRig): Promise<SourceHealthRow[]> {
  const answer: Answer = await rig.ask({ kind: 'source_health' });
  if (answer.kind !== 'source_health') throw new Error(JSON.stringify(answer));
  return answer.sources;
}
const actions = (rig: EngineRig): string[] => [...rig.decided.values()].map(({ action }) => action);
const connectsOf = (rig: EngineRig, number: number): number =>
  rig.remote.connects.filter(({ path }) => path.source.id === id(100 + number)).length;

describe('a source whose address is not on the machine', () => {
  it('goes out with the first connect, its mail leaves through the mate, and it comes back when the address does', async () => {
    const { broken, script } = breaking('address');
    const rig = await engineRig(two(), script);
    rig.machine.missing.add('127.0.1.1');
    for (let n = 0; n < 20; n++) await rig.inject({ recipients: [`r${n}@d${n}.example`] });
    await rig.clock.advance(1000);
    expect(rig.spool.entries()).toEqual([]);
    expect((await health(rig))[0]).toMatchObject({ sourceId: id(101), state: 'out', reason: 'address_missing' });
    expect([...rig.decided.values()]).toMatchObject([
      {
        kind: 'source_health',
        action: 'take_out',
        alert: true,
        subject: { source: id(101) },
        sentence: expect.stringContaining('no interface'),
      },
    ]);
    const tried = connectsOf(rig, 1);
    for (let n = 0; n < 20; n++) await rig.inject({ recipients: [`s${n}@d${n}.example`] });
    await rig.clock.advance(10 * minute);
    expect(connectsOf(rig, 1)).toBe(tried);
    // Ever more seldom: 5, 10, 20 s and so on, and no mail.
    const probes = rig.machine.probes.filter((probe) => probe === 'bind 127.0.1.1').length;
    expect(probes).toBeGreaterThan(4);
    expect(probes).toBeLessThan(10);
    broken.is = null;
    rig.machine.missing.clear();
    await rig.clock.advance(7 * minute);
    expect((await health(rig))[0]).toMatchObject({ state: 'in_use', reason: null });
    expect(actions(rig)).toEqual(['take_out', 'take_back']);
    for (let n = 0; n < 20; n++) await rig.inject({ recipients: [`t${n}@e${n}.example`] });
    await rig.clock.advance(1000);
    expect(connectsOf(rig, 1)).toBeGreaterThan(tried);
  });

  it('is noticed without any mail', async () => {
    const rig = await engineRig(two());
    rig.machine.missing.add('127.0.1.2');
    await rig.clock.advance(2 * minute);
    expect(await health(rig)).toMatchObject([{ sourceId: id(102), state: 'out' }, { state: 'in_use' }]);
    rig.machine.missing.clear();
    rig.machine.addresses.add('127.0.1.2');
    await rig.clock.advance(minute);
    expect(actions(rig)).toEqual(['take_out', 'take_back']);
  });

  it('that the system lets us bind all the same stays in use', async () => {
    const rig = await engineRig(two());
    await rig.clock.advance(5 * minute);
    expect((await health(rig)).map(({ state }) => state)).toEqual(['in_use', 'in_use']);
  });
});

describe('mail whose sources are all out', () => {
  it('waits, says why, and goes as soon as one is back', async () => {
    const { broken, script } = breaking('address');
    const rig = await engineRig(smallConfig(), script);
    rig.machine.missing.add('127.0.1.1');
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    const queue = { tenantId: id(1), streamId: id(301), campaign: null, domain: 'x.example' };
    const told = await rig.ask({ kind: 'explain', queue });
    expect(told).toMatchObject({
      holds: [{ kind: 'no_source', entries: 1, detail: expect.stringMatching(/source 1 out since .*not on this machine, next probe/) }],
    });
    expect(rig.spool.entries()).toMatchObject([{ attempts: 0 }]);
    broken.is = null;
    rig.machine.missing.clear();
    await rig.clock.advance(minute);
    expect(rig.spool.entries()).toEqual([]);
  });
});

describe('a source whose proxy is dead', () => {
  it('goes out after three failures and is tried at the proxy, not at hosts', async () => {
    const { broken, script } = breaking('proxy');
    const rig = await engineRig(two(), script);
    rig.machine.proxy = { ok: false, detail: 'ECONNREFUSED' };
    for (let n = 0; n < 12; n++) await rig.inject({ recipients: [`r${n}@d${n}.example`] });
    await rig.clock.advance(minute);
    expect((await health(rig))[0]).toMatchObject({ state: 'out', reason: 'proxy_dead', lastProbe: 'ECONNREFUSED' });
    expect(new Set(rig.machine.probes.filter((probe) => probe.endsWith(id(101))))).toEqual(new Set([`proxy ${id(101)}`]));
    broken.is = null;
    rig.machine.proxy = { ok: true, detail: 'it is back' };
    await rig.clock.advance(6 * minute);
    expect((await health(rig))[0]).toMatchObject({ state: 'in_use' });
  });
});

describe('a source through which nothing can be reached', () => {
  const providers = [1, 2, 3].map((n) => providerEntity(n, `p${n}`, `mx.p${n}.example`));

  it('goes out when several providers fail in a row, and comes back with a host that answers', async () => {
    const { broken, script } = breaking('network');
    const rig = await engineRig([...two(), ...providers], script);
    rig.machine.host = { ok: false, detail: 'ETIMEDOUT' };
    for (let round = 0; round < 8; round++) {
      for (let n = 1; n <= 3; n++) for (let m = 0; m < 4; m++) await rig.inject({ recipients: [`a${m}${round}@p${n}.example`] });
      await rig.clock.advance(15_000);
    }
    expect((await health(rig))[0]).toMatchObject({ sourceId: id(101), state: 'out', reason: 'connects_fail' });
    expect(rig.spool.entries()).toEqual([]);
    expect(rig.machine.probes.some((probe) => probe.startsWith('reach mx.p'))).toBe(true);
    broken.is = null;
    rig.machine.host = { ok: true, detail: 'it answers' };
    await rig.clock.advance(6 * minute);
    expect((await health(rig)).map(({ state }) => state)).toEqual(['in_use', 'in_use']);
  });

  it('stays in use when it is one site that does not answer', async () => {
    const rig = await engineRig(two(), { refuse: () => 'refused', fault: () => 'network' });
    for (let n = 0; n < 10; n++) await rig.inject({ recipients: [`a${n}@x.example`] });
    await rig.clock.advance(60 * minute);
    expect((await health(rig)).map(({ state }) => state)).toEqual(['in_use', 'in_use']);
    expect(actions(rig)).toEqual([]);
  });
});

describe('an operator', () => {
  async function outRig() {
    const { broken, script } = breaking('address');
    const rig = await engineRig(smallConfig(), script);
    rig.machine.missing.add('127.0.1.1');
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    return { rig, broken };
  }

  it('has a source probed at once', async () => {
    const { rig, broken } = await outRig();
    await rig.clock.advance(30 * minute);
    broken.is = null;
    rig.machine.missing.clear();
    const result = await rig.command(commandOf('probe_source', { source: id(101) }, { number: 1, nowMs: rig.clock.nowMs() }));
    expect(result).toMatchObject({ status: 'applied', matched: 1 });
    await rig.clock.advance(10);
    expect((await health(rig))[0]).toMatchObject({ state: 'in_use' });
  });

  it('sends through it anyway until a time, over a restart, and not after', async () => {
    const { rig, broken } = await outRig();
    broken.is = null;
    const nowMs = rig.clock.nowMs();
    await rig.command(commandOf('use_source', { source: id(101) }, { number: 1, nowMs, lastsMs: 10 * minute }));
    await rig.clock.advance(minute);
    expect(rig.spool.entries()).toEqual([]);
    const next = await rig.restart();
    expect(await health(next)).toMatchObject([{ state: 'used_anyway', usedAnywayUntilMs: nowMs + 10 * minute }]);
    await next.inject({ recipients: ['b@x.example'] });
    await next.clock.advance(minute);
    expect(next.spool.entries()).toEqual([]);
    await next.clock.advance(10 * minute);
    await next.inject({ recipients: ['c@x.example'] });
    await next.clock.advance(minute);
    expect(next.spool.entries()).toHaveLength(1);
    expect(await health(next)).toMatchObject([{ state: 'out' }]);
  });

  it('gives it another address: it is in use at once', async () => {
    const { rig, broken } = await outRig();
    broken.is = null;
    await rig.configure([sourceEntity(1, { bindAddress: '127.0.1.9' })]);
    await rig.clock.advance(1000);
    expect(rig.spool.entries()).toEqual([]);
    expect(actions(rig)).toEqual(['take_out', 'take_back']);
  });
});

describe('over a restart', () => {
  it('a source that is out stays out, with its reason and since when, until a probe says otherwise', async () => {
    const { script } = breaking('address');
    const rig = await engineRig(two(), script);
    rig.machine.missing.add('127.0.1.1');
    for (let n = 0; n < 4; n++) await rig.inject({ recipients: [`r${n}@d${n}.example`] });
    await rig.clock.advance(1000);
    const [before] = await health(rig);
    const next = await rig.restart();
    expect((await health(next))[0]).toMatchObject({
      state: 'out',
      reason: before?.reason,
      sinceMs: before?.sinceMs,
      detail: before?.detail,
    });
    for (let n = 0; n < 8; n++) await next.inject({ recipients: [`s${n}@d${n}.example`] });
    await next.clock.advance(1000);
    expect(connectsOf(next, 1)).toBe(0);
    expect(next.spool.entries()).toEqual([]);
    next.machine.missing.clear();
    await next.clock.advance(20_000);
    expect((await health(next))[0]).toMatchObject({ state: 'in_use' });
  });
});

describe('the names of sources', () => {
  it('are told beside them with what to do, and asked again when an operator wants it', async () => {
    const rig = await engineRig(two());
    rig.dns.ptr = { '2.1.0.127.in-addr.arpa': ['mta2.example.net'] };
    await rig.clock.advance(minute);
    expect(await health(rig)).toMatchObject([
      { sourceId: id(101), state: 'in_use', names: { state: 'no_reverse_name', remedy: expect.stringContaining('PTR') } },
      { sourceId: id(102), names: { state: 'not_confirmed' } },
    ]);
    rig.dns.ptr = { '1.1.0.127.in-addr.arpa': ['mta1.example.net'] };
    await rig.clock.advance(60 * minute);
    expect((await health(rig))[0]).toMatchObject({ names: { state: 'no_reverse_name' } });
    await rig.command(commandOf('probe_source', { source: id(101) }, { number: 1, nowMs: rig.clock.nowMs() }));
    await rig.clock.advance(10);
    expect((await health(rig)).find(({ sourceId }) => sourceId === id(101))).toMatchObject({ names: { state: 'not_confirmed' } });
  });
});
