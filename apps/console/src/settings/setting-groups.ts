// Delivery settings in the order and under the titles in which they are shown. A setting that is in no group is caught by the test.
import type { SettingKey } from '@sluice/contract';

/** Not typed in as a value: secrets have fields of their own. */
export const secretKeys = ['authSecretId', 'clientCertificateSecretId'] as const satisfies readonly SettingKey[];

export const settingGroups: readonly { readonly title: string; readonly keys: readonly SettingKey[] }[] = [
  {
    title: 'Session',
    keys: [
      'protocol',
      'ehloName',
      'messagesPerConnection',
      'recipientsPerTransaction',
      'connectionsPerPath',
      'pipelining',
      'chaining',
      'chunking',
      'reset',
      'authUsername',
      'authSecretId',
      'authWithoutTls',
    ],
  },
  {
    title: 'Waiting times',
    keys: [
      'connectTimeoutMs',
      'greetingTimeoutMs',
      'ehloTimeoutMs',
      'startTlsTimeoutMs',
      'handshakeTimeoutMs',
      'authTimeoutMs',
      'mailTimeoutMs',
      'rcptTimeoutMs',
      'dataTimeoutMs',
      'dataBlockTimeoutMs',
      'messageTimeoutMs',
      'resetTimeoutMs',
      'quitTimeoutMs',
      'idleTimeoutMs',
    ],
  },
  {
    title: 'Hosts',
    keys: ['addressFamily', 'skipHosts', 'reconnect', 'connectFailuresBeforeRest', 'hostRestSeconds', 'privateHosts'],
  },
  {
    title: 'TLS',
    keys: [
      'tls',
      'tlsMinVersion',
      'tlsCiphers',
      'tlsRememberFailureSeconds',
      'mtaSts',
      'dane',
      'clientCertificateSecretId',
      'tlsReportsFrom',
    ],
  },
  {
    title: 'Queue',
    keys: [
      'retry',
      'maxAgeSeconds',
      'window',
      'greylistSameSource',
      'failureReports',
      'delayReportAfterSeconds',
      'delayReports',
      'reportHookUrl',
    ],
  },
];

/** `maxAgeSeconds` -> `Max age seconds`; abbreviations stay as they are written in the field. */
export function settingLabel(key: SettingKey): string {
  const words = key
    .replace(/SecretId$/, '')
    .replace(/^mtaSts$/, 'MTA-STS')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/\b(?:tls|dane|ehlo|ms|mta-sts|url)\b/g, (word) => (word === 'ms' ? 'ms' : word.toUpperCase()))
    .replace('start TLS', 'STARTTLS');
  const shown = key === 'authSecretId' ? 'auth password' : words;
  return shown.charAt(0).toUpperCase() + shown.slice(1);
}
