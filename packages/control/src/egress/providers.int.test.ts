// Providers over the API, and what a start of newer software makes of them.
import { providerBody, type ReplyRule } from '@sluice/contract';
import type { providerView } from '@sluice/contract/api';
import { gmail, providerPresets, yahoo, type ProviderPreset } from '@sluice/providers';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { z } from 'zod';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';

let it: TestControl;
const opened: TestControl[] = [];
beforeEach(async () => {
  it = await startTestControl();
  opened.push(it);
  await it.control.startUp.seedFirstStart();
});
afterAll(() => Promise.all(opened.map((control) => control.close())));

const reason = 'provider test';
const change = (path: string, input: object) => it.call('mutation', path, { ...input, reason }, 'local');
const idOf = async (key: string) => (await it.db.provider.findUniqueOrThrow({ where: { key } })).id;
const get = async (key: string) =>
  okay<z.infer<typeof providerView>>(await it.call('query', 'providers.get', { id: await idOf(key) }, 'local'));
const revision = async () => (await it.db.configHead.findFirstOrThrow()).number;
const rule = (key: string, match: Record<string, unknown>): ReplyRule =>
  providerBody.shape.replyRules.parse([
    { key, meaning: 'for a test', match, bounceClass: 'policy', samples: [{ code: 550, enhanced: null, text: 'no' }] },
  ])[0] as ReplyRule;

test('a clone has the rules of its model and suffixes of its own, and is edited and deleted like any other thing', async () => {
  const fields = { key: 'workspace', name: 'Workspace', mxSuffixes: ['aspmx.l.google.com'], cloneOf: await idOf('gmail') };
  const { id } = okay<{ id: string }>(await change('providers.create', fields));
  expect(await get('workspace')).toMatchObject({ preset: null, edited: true, newestPreset: null, replyRules: gmail.replyRules });
  const rules = [rule('workspace.only', { codes: [4] })];
  okay(await change('providers.update', { id, name: 'Google Workspace', mxSuffixes: ['aspmx.l.google.com'], replyRules: rules }));
  expect(await get('workspace')).toMatchObject({ name: 'Google Workspace', replyRules: rules });
  const limit = { name: 'slow', where: { provider: 'workspace' }, by: [], kind: 'message_rate', count: 5 };
  okay(await change('limits.create', limit));
  expect(await change('providers.delete', { id })).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('named by slow') });
  await it.db.limitRule.delete({ where: { name: 'slow' } });
  okay(await change('providers.delete', { id }));
  expect(await it.db.provider.count({ where: { key: 'workspace' } })).toBe(0);
});

test('what is wrong with a provider is refused with the place, and changes nothing', async () => {
  const before = await revision();
  const good = { key: 'own', name: 'Own', mxSuffixes: ['mx.own.example'] };
  const rules = (...patterns: string[]) => patterns.map((pattern, at) => rule(`own.${at}`, { pattern }));
  const refused: [path: string, input: object, code: string, says: string][] = [
    ['providers.create', { ...good, key: 'gmail' }, 'CONFLICT', 'gmail exists'],
    ['providers.create', { ...good, mxSuffixes: ['a.example', 'yahoodns.net'] }, 'CONFLICT', 'yahoodns.net belongs to the provider yahoo'],
    ['providers.create', { ...good, mxSuffixes: ['a.example', 'a.example'] }, 'BAD_REQUEST', 'twice'],
    ['providers.create', { ...good, cloneOf: '01890000-0000-7000-8000-000000000000' }, 'NOT_FOUND', 'provider'],
    [
      'providers.create',
      { ...good, replyRules: rules('fine', 'a(?=b)') },
      'BAD_REQUEST',
      'replyRules.1.match.pattern: rule own.1: invalid',
    ],
    [
      'providers.create',
      { ...good, replyRules: rules('x.{200}') },
      'BAD_REQUEST',
      'replyRules.0.match.pattern: rule own.0: the pattern takes',
    ],
    ['providers.create', { ...good, replyRules: [{ ...rule('own.0', { codes: [4] }), surprise: 1 }] }, 'BAD_REQUEST', 'surprise'],
    ['providers.create', { ...good, preset: null }, 'BAD_REQUEST', 'preset'],
    ['providers.update', { id: await idOf('gmail'), name: 'G', mxSuffixes: ['yahoodns.net'], replyRules: [] }, 'CONFLICT', 'yahoo'],
    ['providers.delete', { id: await idOf('gmail') }, 'CONFLICT', 'comes from a preset'],
  ];
  for (const [path, input, code, says] of refused) {
    const answer = await change(path, input);
    expect([path, says, answer.code]).toEqual([path, says, code]);
    expect(answer.message).toContain(says);
  }
  expect(await revision()).toBe(before);
});

test('newer software updates what nobody edited, adds what is missing, and leaves the rest alone', async () => {
  const later = (preset: ProviderPreset): ProviderPreset => ({
    ...preset,
    version: preset.version + 1,
    name: `${preset.name} 2`,
    replyRules: preset.replyRules.slice(1),
  });
  okay(await change('providers.update', { id: await idOf('yahoo'), name: 'Mine', mxSuffixes: yahoo.mxSuffixes, replyRules: [] }));
  okay(await change('providers.create', { key: 'newcomer', name: 'My own', mxSuffixes: ['mx.newcomer.example'] }));
  okay(await change('providers.create', { key: 'other', name: 'Other', mxSuffixes: ['mx.taken.example'] }));
  // As software left it that knew neither versions nor rules.
  const old = { mxSuffixes: ['google.com'], replyRules: [], preset: { key: 'gmail', version: 1 } };
  await it.db.provider.update({ where: { key: 'gmail' }, data: old });
  await it.db.limitRule.updateMany({ where: { name: { startsWith: 'Gmail:' } }, data: { count: 3 } });

  const template = { ...later(gmail), domains: [], version: 1, replyRules: [] };
  const added: ProviderPreset = { ...template, key: 'added', name: 'Added', mxSuffixes: ['mx.taken.example', 'mx.free.example'] };
  const taken: ProviderPreset = { ...template, key: 'taken', name: 'Taken', mxSuffixes: ['mx.taken.example'] };
  const newcomer: ProviderPreset = { ...template, key: 'newcomer', name: 'Newcomer', mxSuffixes: ['mx.other.example'] };
  const presets = [...providerPresets.map(later), added, taken, newcomer];
  const before = await revision();
  await it.control.startUp.seedFirstStart(presets);
  expect(await revision()).toBe(before + 1);

  expect(await get('gmail')).toMatchObject({
    ...{ name: 'Gmail 2', mxSuffixes: gmail.mxSuffixes, preset: { key: 'gmail', version: gmail.version + 1 }, edited: false },
    replyRules: gmail.replyRules.slice(1),
  });
  expect(await get('yahoo')).toMatchObject({
    ...{ name: 'Mine', preset: { key: 'yahoo', version: yahoo.version }, edited: true, replyRules: [] },
  });
  expect(await get('newcomer')).toMatchObject({ name: 'My own', preset: null, mxSuffixes: ['mx.newcomer.example'] });
  expect(await get('added')).toMatchObject({ mxSuffixes: ['mx.free.example'], preset: { key: 'added', version: 1 } });
  expect(await it.db.provider.count({ where: { key: 'taken' } })).toBe(0);
  const limits = await it.db.limitRule.findMany({ where: { where: { path: ['provider'], equals: 'gmail' } } });
  expect(limits.map(({ count }) => count)).toEqual([3, 3]);

  await it.control.startUp.seedFirstStart(presets);
  await it.control.startUp.seedFirstStart();
  expect(await revision()).toBe(before + 1);

  okay(await change('providers.resetToPreset', { id: await idOf('yahoo') }));
  expect(await get('yahoo')).toMatchObject({
    name: 'Yahoo',
    preset: { key: 'yahoo', version: yahoo.version },
    edited: false,
    replyRules: yahoo.replyRules,
  });
  expect(await change('providers.resetToPreset', { id: await idOf('newcomer') })).toMatchObject({ code: 'CONFLICT' });
});

test('providers of software from before presets had versions are taken over once', async () => {
  await it.db.$executeRaw`update provider set preset = null, reply_rules = '[]' where key = 'gmail'`;
  await it.control.startUp.seedFirstStart();
  expect(await get('gmail')).toMatchObject({
    preset: { key: 'gmail', version: gmail.version },
    replyRules: gmail.replyRules,
    edited: false,
  });
});
