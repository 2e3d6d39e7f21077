import { describe, expect, it } from 'vitest';
import { id, smallConfig } from '../../testing/sample-config.ts';
import { listedTraffic } from './listed-traffic.ts';
import { configFileOf, readSimulatedConfig } from './simulated-config.ts';

const entities = smallConfig();
const problemsOf = async (value: unknown): Promise<string[]> => {
  const read = await readSimulatedConfig(JSON.stringify(value));
  return read.ok ? [] : read.problems;
};
const [source, pool, ...rest] = entities;

describe('the configuration of a simulation', () => {
  it('is a list, or a list under entities, or the copy that an engine keeps', async () => {
    expect(await readSimulatedConfig(JSON.stringify(entities))).toMatchObject({ ok: true, entities });
    expect(await readSimulatedConfig(JSON.stringify({ entities }))).toMatchObject({ ok: true, entities });
    const file = configFileOf(entities);
    const lines = file.ok ? await file.file.read() : [];
    const read = await readSimulatedConfig(`${lines.join('\n')}\n{"kind":"sour`);
    expect(read.ok && read.entities).toEqual(entities);
  });

  it('is read strictly: every problem says where it stands', async () => {
    expect(await problemsOf([{ ...source, kind: 'sauce' }])).toEqual([
      expect.stringMatching(/^entities\[0\]\.kind: must be one of provider, source/),
    ]);
    expect(
      await problemsOf([source, { ...pool, body: { name: 'pool', members: [{ sourceId: id(101), wheight: 3, weight: 1 }] } }]),
    ).toEqual(['entities[1].body.members[0].wheight: there is no such field']);
    expect(await problemsOf([{ ...source, body: { ...(source?.body as object), family: 5 } }])).toEqual([
      expect.stringMatching(/^entities\[0\]\.body\.family \(source /),
    ]);
  });

  it('must be whole: what is named is there', async () => {
    expect(await problemsOf([pool, ...rest])).toEqual([expect.stringMatching(/^pool .* members/)]);
    expect(await readSimulatedConfig('not at all')).toMatchObject({ ok: false });
    expect(await readSimulatedConfig('{"kind":1}')).toMatchObject({ ok: false });
  });
});

describe('listed traffic', () => {
  const listed = (text: string) => [
    ...listedTraffic(
      text.split('\n'),
      entities.filter((entity) => entity.kind !== 'credential'),
    ),
  ];

  it('is JSON lines or CSV, and leaves out what the configuration leaves no choice of', () => {
    const expected = { atMs: Date.parse('2026-11-01T09:30:00Z'), recipient: 'Jo "x"@bücher.example', domain: 'xn--bcher-kva.example' };
    const json = listed('{"at":"2026-11-01T09:30:00Z","recipient":"Jo \\"x\\"@bücher.example"}');
    expect(json).toMatchObject([{ ...expected, tenantId: id(1), streamId: id(301), sender: 'sender@tenant1.example', poolId: null }]);
    const csv = listed('at,recipient,campaign,sizeBytes,tenant\n2026-11-01T09:30:00Z,"Jo ""x""@bücher.example",autumn,512,tenant-1\n');
    expect(csv).toMatchObject([{ ...expected, campaign: 'autumn', sizeBytes: 512 }]);
  });

  it('says which line is wrong and why', () => {
    const line = '{"at":1000,"recipient":"a@x.example"';
    expect(() => listed('at,when\n')).toThrow('line 1: when is no column');
    expect(() => listed(`${line},"tenant":"nobody"}`)).toThrow('line 1: the configuration has no stream of tenant nobody');
    expect(() => listed(`${line}}\n{"at":999,"recipient":"a@x.example"}`)).toThrow('line 2: it is before the line above');
    expect(() => listed('at,recipient\nyesterday,a@x.example')).toThrow('line 2: at: yesterday is no time');
    expect(() => listed('at,recipient\n5,nobody')).toThrow('line 2: recipient is no address');
    expect(() => listed(`${line},"color":"red"}`)).toThrow('line 1: color is no field');
  });
});
