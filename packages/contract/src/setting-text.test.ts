// Settings as text: whatever is written is read back as the same value, and what is no value is refused with the name of the setting.
import { describe, expect, it } from 'vitest';
import { defaultDeliverySettings, deliverySettings, settingKeys, type SettingKey } from './delivery-settings.ts';
import { mayBeNone, readSetting, settingForm, writeSetting } from './setting-text.ts';

describe('settings as text', () => {
  it('reads back every default as it was written', () => {
    for (const key of settingKeys) {
      const value = defaultDeliverySettings[key];
      expect([key, readSetting(key, writeSetting(key, value))]).toEqual([key, { ok: true, value }]);
    }
  });

  it.each<[SettingKey, string, unknown]>([
    ['retry', '5m, 15m, 1h, 4h', { kind: 'list', seconds: [300, 900, 3600, 14_400] }],
    ['retry', 'exponential 90s x2 up to 4h', { kind: 'exponential', firstSeconds: 90, factor: 2, capSeconds: 14_400 }],
    [
      'window',
      'fri-mon 22:00-06:00 Europe/Berlin',
      { days: ['mon', 'fri', 'sat', 'sun'], from: '22:00', to: '06:00', zone: 'Europe/Berlin' },
    ],
    ['skipHosts', 'MX1.example, 192.0.2.1,2001:db8::1', ['mx1.example', '192.0.2.1', '2001:db8::1']],
    ['skipHosts', '', []],
    ['pipelining', 'no', false],
    ['idleTimeoutMs', '0', 0],
    ['tls', 'required_verified', 'required_verified'],
    ['maxAgeSeconds', 'none', null],
    ['ehloName', 'mta.example', 'mta.example'],
  ])('reads %s from %j', (key, text, value) => {
    const read = readSetting(key, text);
    expect(read).toEqual({ ok: true, value });
    expect(readSetting(key, writeSetting(key, value))).toEqual({ ok: true, value });
  });

  it.each<[SettingKey, string]>([
    ['retry', '5m, soon'],
    ['retry', 'exponential 5m x99 up to 4h'],
    ['window', 'mon-someday 08:00-18:00 Europe/Berlin'],
    ['window', 'mon 8-18 Europe/Berlin'],
    ['window', 'mon 08:00-18:00'],
    ['window', 'mon 08:00-18:00 UTC or so'],
    ['skipHosts', 'a host'],
    ['pipelining', 'maybe'],
    ['idleTimeoutMs', '-1'],
    ['idleTimeoutMs', '1e3'],
    ['idleTimeoutMs', 'none'],
    ['tls', 'always'],
    ['reportHookUrl', 'ftp://hooks.example'],
  ])('refuses %s as %j', (key, text) => {
    const read = readSetting(key, text);
    expect(read).toMatchObject({ ok: false, problem: expect.stringContaining(key) });
  });

  it('refuses a window in a time zone that nobody knows, and says so', () => {
    expect(readSetting('window', 'mon-fri 08:00-18:00 Mars/Base')).toEqual({
      ok: false,
      problem: 'window: no known time zone; an IANA name such as Europe/Berlin or UTC is wanted',
    });
    const parsed = deliverySettings.shape.window.safeParse({ days: ['mon'], from: '08:00', to: '18:00', zone: 'Mars/Base' });
    expect(parsed.error?.issues).toMatchObject([{ path: ['zone'] }]);
  });

  it('knows how each setting is asked for', () => {
    expect(settingForm('tls')).toMatchObject({ kind: 'choice', options: expect.arrayContaining(['required']) });
    expect(settingForm('maxAgeSeconds')).toEqual({ kind: 'number', min: 60, max: 14 * 86_400 });
    expect(settingForm('chaining')).toEqual({ kind: 'yes_no' });
    expect(settingForm('retry').kind).toBe('text');
    for (const key of settingKeys) expect([key, mayBeNone(key)]).toEqual([key, deliverySettings.shape[key].safeParse(null).success]);
  });
});
