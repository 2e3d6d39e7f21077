// The settings of the environment: what reads, what is refused, and that no refusal repeats a secret.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readSettings, settingsCatalogue, type Environment, type Settings } from './settings.ts';

const files: Record<string, string> = {
  '/secret/password': 'correct horse battery\n',
  '/secret/empty': '\n',
  '/tls/cert.pem': '-----BEGIN CERTIFICATE-----\nx',
  '/tls/key.pem': '-----BEGIN PRIVATE KEY-----\nx',
};
const readFile = (path: string): string => {
  const content = files[path];
  if (content === undefined) throw new Error('ENOENT');
  return content;
};
function accepted(env: Environment): Settings {
  const result = readSettings(env, readFile);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.settings;
}
function refused(env: Environment): string[] {
  const result = readSettings(env, readFile);
  return result.ok ? [] : result.problems;
}

describe('without any variable', () => {
  test('everything listens on loopback and delivers to the sandbox', () => {
    const settings = accepted({ PATH: '/bin', HOME: '/root' });
    expect(settings).toMatchObject({ bind: '127.0.0.1', egress: 'sandbox', dataDir: './var', trustedProxies: null, demo: false });
    expect([settings.consolePort, settings.smtpPort, settings.engineHttpPort, settings.postgresPort]).toEqual([3000, 2525, 8025, 5439]);
  });
  test('an empty variable counts as unset', () => {
    expect(accepted({ SLUICE_SMTP_PORT: '', SLUICE_KEY: '', DATABASE_URL: '' })).toMatchObject({
      smtpPort: 2525,
      key: null,
      databaseUrl: null,
    });
  });
});

describe('good values', () => {
  test('are read into their types', () => {
    const key = randomBytes(32);
    const settings = accepted({
      SLUICE_KEY: key.toString('base64'),
      SLUICE_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1',
      SLUICE_PUBLIC_URL: 'https://mail.example.com/',
      SLUICE_DNS_SERVER: '[::1]:5353',
      SLUICE_DEMO: '1',
    });
    expect(settings.key).toEqual(new Uint8Array(key));
    expect(settings.trustedProxies).toEqual(['10.0.0.0/8', '2001:db8::1']);
    expect(settings.publicUrl).toBe('https://mail.example.com');
    expect(settings.dnsServer).toEqual({ host: '::1', port: 5353 });
    expect(settings.demo).toBe(true);
  });
  test('a secret may come from a file, whose last line break does not count', () => {
    const settings = accepted({ SLUICE_OWNER_EMAIL: 'owner@example.com', SLUICE_OWNER_PASSWORD_FILE: '/secret/password' });
    expect(settings.owner).toEqual({ email: 'owner@example.com', password: 'correct horse battery' });
  });
  test('certificate and key are read from their files', () => {
    const settings = accepted({ SLUICE_TLS_CERT: '/tls/cert.pem', SLUICE_TLS_KEY: '/tls/key.pem' });
    expect(settings.tls).toEqual({ cert: files['/tls/cert.pem'], key: files['/tls/key.pem'] });
  });
});

describe('a bad value is one line that names its variable', () => {
  const cases: [string, string][] = [
    ['SLUICE_SMTP_PORT', '70000'],
    ['SLUICE_SMTP_PORT', '25x'],
    ['SLUICE_BIND', 'localhost'],
    ['SLUICE_PUBLIC_URL', 'https://mail.example.com/console'],
    ['SLUICE_PUBLIC_URL', 'mail.example.org'],
    ['SLUICE_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['SLUICE_TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['SLUICE_TRUSTED_PROXIES', 'any'],
    ['SLUICE_EGRESS', 'Internet'],
    ['SLUICE_KEY', randomBytes(31).toString('base64')],
    ['SLUICE_KEY', 'not base64 at all'],
    ['SLUICE_NODE_NAME', 'Node 1'],
    ['SLUICE_OWNER_PASSWORD', 'short'],
    ['SLUICE_SESSION_SECRET', 'too-short-to-be-safe'],
    ['DATABASE_URL', 'mysql://root:hunter2secret@db/app'],
    ['SLUICE_DNS_SERVER', 'dns.example.com:53'],
    ['SLUICE_DEMO', 'yes'],
  ];
  test.each(cases)('%s=%s', (name, value) => {
    const problems = refused({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
    expect(problems[0]).not.toContain('\n');
    expect(problems[0]).not.toContain(value);
  });
  test('all problems are told at once', () => {
    expect(refused({ SLUICE_SMTP_PORT: 'x', SLUICE_EGRESS: 'x' })).toHaveLength(2);
  });
});

describe('settings that contradict each other', () => {
  test('a misspelt variable is refused with the nearest known name', () => {
    expect(refused({ SLUICE_STMP_PORT: '2526' })).toEqual([
      expect.stringMatching(/^SLUICE_STMP_PORT is not a setting; did you mean SLUICE_SMTP_PORT\?/),
    ]);
  });
  test('a plain setting has no _FILE form', () => {
    expect(refused({ SLUICE_SMTP_PORT_FILE: '/secret/password' })[0]).toMatch(/is not a setting/);
  });
  test('a secret given twice is refused', () => {
    const env = {
      SLUICE_OWNER_EMAIL: 'owner@example.com',
      SLUICE_OWNER_PASSWORD: 'x'.repeat(12),
      SLUICE_OWNER_PASSWORD_FILE: '/secret/password',
    };
    expect(refused(env)).toEqual(['SLUICE_OWNER_PASSWORD and SLUICE_OWNER_PASSWORD_FILE are both set; unset one']);
  });
  test.each(['/secret/empty', '/secret/none'])('a secret file that gives nothing is refused (%s)', (path) => {
    expect(refused({ SLUICE_KEY_FILE: path })[0]).toMatch(/^SLUICE_KEY_FILE names /);
  });
  test('half an owner and half a certificate are refused', () => {
    expect(refused({ SLUICE_OWNER_EMAIL: 'owner@example.com' })[0]).toMatch(/SLUICE_OWNER_PASSWORD is missing$/);
    expect(refused({ SLUICE_TLS_CERT: '/tls/cert.pem' })[0]).toMatch(/SLUICE_TLS_KEY is missing$/);
    expect(refused({ SLUICE_TLS_CERT: '/tls/none.pem', SLUICE_TLS_KEY: '/tls/cert.pem' })).toHaveLength(2);
  });
  test('two listeners on one port are refused, except where the system chooses', () => {
    expect(refused({ SLUICE_SMTP_PORT: '3000' })).toEqual(['SLUICE_SMTP_PORT is the same port as SLUICE_CONSOLE_PORT']);
    expect(refused({ SLUICE_SMTP_PORT: '0', SLUICE_CONSOLE_PORT: '0' })).toEqual([]);
  });
});

test('the catalogue lists every field once and shows no default for a secret', () => {
  const fields = settingsCatalogue.map((entry) => entry.field);
  expect(new Set(fields).size).toBe(fields.length);
  expect(settingsCatalogue.filter((entry) => entry.secret && entry.default !== null)).toEqual([]);
  for (const entry of settingsCatalogue) expect(entry.description.length).toBeGreaterThan(5);
});
