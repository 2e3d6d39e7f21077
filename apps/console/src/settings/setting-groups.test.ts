// Every setting is shown once.
import { settingKeys } from '@sluice/contract';
import { expect, test } from 'vitest';
import { settingGroups, settingLabel } from './setting-groups.ts';

test('every delivery setting is in exactly one group', () => {
  expect(settingGroups.flatMap((group) => group.keys).toSorted()).toEqual(settingKeys.toSorted());
});

test('labels are words', () => {
  expect(settingLabel('maxAgeSeconds')).toBe('Max age seconds');
  expect(settingLabel('startTlsTimeoutMs')).toBe('STARTTLS timeout ms');
  expect(settingLabel('mtaSts')).toBe('MTA-STS');
  expect(settingLabel('authSecretId')).toBe('Auth password');
  expect(settingLabel('reportHookUrl')).toBe('Report hook URL');
});
