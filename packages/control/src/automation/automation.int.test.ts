// Rules of automation over the API, and what a start of newer software makes of them.
import type { automationView } from '@sluice/contract/api';
import { automationPresets } from '@sluice/providers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';

type View = z.infer<typeof automationView>;
let it: TestControl;
beforeAll(async () => {
  it = await startTestControl();
  await it.control.startUp.seedFirstStart();
});
afterAll(() => it.close());

const reason = 'automation test';
const change = (path: string, input: object) => it.call('mutation', `automations.${path}`, { ...input, reason }, 'local');
const list = async () => okay<View[]>(await it.call('query', 'automations.list', undefined, 'local'));
const named = async (name: string): Promise<View> => {
  const found = (await list()).find((rule) => rule.name === name);
  if (!found) throw new Error(`no rule ${name}`);
  return found;
};
const revision = async () => (await it.db.configHead.findFirstOrThrow()).number;
const reply = (match: object) => ({ kind: 'replies', match, count: 1, windowSeconds: 60 });
const rule = (name: string, over: object = {}) => ({
  ...{ name, trigger: { kind: 'share', of: 'deferred', percent: 10, minimumVolume: 100, windowSeconds: 300 }, per: 'source_provider' },
  ...{ action: { kind: 'alert' }, forSeconds: 600, ...over },
});

test('an installation has the presets from its first start, switched on; a second start changes nothing', async () => {
  expect((await list()).map(({ name, mode }) => [name, mode]).toSorted()).toEqual(
    automationPresets.map(({ rule: { name } }) => [name, 'on']).toSorted(),
  );
  const before = await revision();
  await it.control.startUp.seedFirstStart();
  expect(await revision()).toBe(before);
});

test('a newer preset is taken over by what nobody edited; the mode that an operator chose stays, and so does what he edited', async () => {
  const [first, second] = automationPresets;
  if (!first || !second) throw new Error('no presets');
  const [mine, edited] = [await named(first.rule.name), await named(second.rule.name)];
  okay(await change('setMode', { id: mine.id, mode: 'dry_run' }));
  okay(await change('update', { id: edited.id, ...rule('My own words') }));
  const newer = [first, second].map((preset) => ({ ...preset, version: 9, rule: { ...preset.rule, forSeconds: 999 } }));
  await it.control.startUp.seedFirstStart(undefined, newer);
  expect(await named(first.rule.name)).toMatchObject({ mode: 'dry_run', forSeconds: 999, preset: { version: 9 }, edited: false });
  expect(await named('My own words')).toMatchObject({ forSeconds: 600, preset: { version: 1 }, edited: true });
  okay(await change('toPreset', { id: edited.id }));
  expect(await named(second.rule.name)).toMatchObject({ edited: false, preset: { version: 1 } });
});

test('rules are made, changed and deleted; one of a preset is switched off instead', async () => {
  const { id } = okay<{ id: string }>(await change('create', rule('one', { where: { provider: 'gmail' } })));
  okay(await change('update', { id, ...rule('two', { mode: 'off' }) }));
  expect(await named('two')).toMatchObject({ id, mode: 'off', preset: null, edited: true, newestPreset: null });
  okay(await change('delete', { id }));
  const { id: ofPreset } = await named('Tell when recipients complain');
  expect(await change('delete', { id: ofPreset })).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('switch it off') });
});

test('what the nodes would refuse is refused with the place, and changes nothing', async () => {
  const before = await revision();
  const nobody = '01890000-0000-7000-8000-000000000000';
  const refused: [input: object, code: string, says: string][] = [
    [rule('Tell when recipients complain'), 'CONFLICT', 'exists'],
    [rule('x', { trigger: reply({ pattern: 'a(?=b)' }) }), 'BAD_REQUEST', 'trigger.match.pattern'],
    [rule('x', { trigger: reply({ pattern: '.{400}' }) }), 'BAD_REQUEST', 'more than 150'],
    [rule('x', { trigger: reply({}) }), 'BAD_REQUEST', 'name a reply rule'],
    [rule('x', { per: 'identity' }), 'BAD_REQUEST', 'number of replies'],
    [rule('x', { action: { kind: 'move', poolId: nobody } }), 'BAD_REQUEST', 'a pool is chosen before'],
    [rule('x', { per: 'tenant', action: { kind: 'move', poolId: nobody } }), 'NOT_FOUND', 'pool'],
    [rule('x', { where: { provider: 'nobody' } }), 'NOT_FOUND', 'provider nobody'],
    [rule('x', { where: { domain: 'x.example' } }), 'BAD_REQUEST', 'domain'],
  ];
  for (const [input, code, says] of refused) {
    expect([says, await change('create', input)]).toEqual([
      says,
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    ]);
  }
  expect(await revision()).toBe(before);
});
