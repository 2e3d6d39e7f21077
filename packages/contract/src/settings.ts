// Every setting of the environment, for all processes, in one place: name, default, reading, and what it is for. The supervisor reads
// what the operator wrote and passes it on to its children, who read it again with the same function. A value that does not read is one
// line naming the variable; an unknown SLUICE_ variable is one too, so that a misspelt setting is never silently without effect.
import * as as from './setting-values.ts';

type Definition<T> = {
  variable: string;
  /** Text used when the variable is unset or empty; null leaves the setting null. */
  fallback: string | null;
  read: as.Reader<T>;
  description: string;
  /** Never shown; may also be given as the name of a file in `<variable>_FILE`. */
  secret: boolean;
  /** Set by the supervisor for its children, not by operators. */
  internal: boolean;
};
type Options = { secret?: boolean; internal?: boolean };
type Known<T> = Definition<T> & { fallback: string };
type Optional<T> = Definition<T> & { fallback: null };

function known<T>(variable: string, fallback: string, read: as.Reader<T>, description: string, options: Options = {}): Known<T> {
  return { variable, fallback, read, description, secret: options.secret ?? false, internal: options.internal ?? false };
}
function optional<T>(variable: string, read: as.Reader<T>, description: string, options: Options = {}): Optional<T> {
  return { variable, fallback: null, read, description, secret: options.secret ?? false, internal: options.internal ?? false };
}

const minPassword = 12;
const minSecret = 32;
const hidden = { secret: true };
const internal = { internal: true };
const hiddenInternal = { secret: true, internal: true };

const definitions = {
  databaseUrl: optional('DATABASE_URL', as.postgresUrl, 'Postgres to use as its owner, instead of the bundled one', hidden),
  postgresBin: optional('SLUICE_POSTGRES_BIN', as.text, 'folder of pg_dump and pg_restore for DATABASE_URL, in the version of its server'),
  dataDir: known('SLUICE_DATA_DIR', './var', as.text, 'folder of all state: spool, logs, secrets, bundled Postgres'),
  bind: known('SLUICE_BIND', '127.0.0.1', as.address, 'address on which console, SMTP and engine HTTP listen'),
  publicUrl: optional('SLUICE_PUBLIC_URL', as.origin, 'address under which browsers reach the console'),
  url: optional('SLUICE_URL', as.origin, 'installation that the command line talks to, instead of the one on this machine'),
  apiKey: optional('SLUICE_API_KEY', as.text, 'API key of the command line, with SLUICE_URL', hidden),
  trustedProxies: optional('SLUICE_TRUSTED_PROXIES', as.networks, 'proxies whose X-Forwarded-For is believed'),
  tlsCert: optional('SLUICE_TLS_CERT', as.text, 'PEM file with the certificate chain of the SMTP listener, instead of an own one'),
  tlsKey: optional('SLUICE_TLS_KEY', as.text, 'PEM file with the private key to SLUICE_TLS_CERT'),
  consolePort: known('SLUICE_CONSOLE_PORT', '3000', as.port, 'port of the console'),
  smtpPort: known('SLUICE_SMTP_PORT', '2525', as.port, 'port of SMTP submission'),
  engineHttpPort: known('SLUICE_ENGINE_HTTP_PORT', '8025', as.port, "port of the engine's health and metrics"),
  postgresPort: known(
    'SLUICE_POSTGRES_PORT',
    '5439',
    as.port,
    'port of the bundled Postgres, on 127.0.0.1 (not 5432, which a Postgres of the system has)',
  ),
  nodeName: known('SLUICE_NODE_NAME', 'node-1', as.nodeName, 'name of this delivery node, unique among nodes of one console'),
  ownerEmail: optional('SLUICE_OWNER_EMAIL', as.email, 'with SLUICE_OWNER_PASSWORD: makes the first Owner without a set-up link'),
  ownerPassword: optional('SLUICE_OWNER_PASSWORD', as.longText(minPassword), 'password of the first Owner', hidden),
  egress: known(
    'SLUICE_EGRESS',
    'sandbox',
    as.oneOf(['sandbox', 'internet']),
    'sandbox delivers to simulated providers on this machine only',
  ),
  spoolFreeMib: known(
    'SLUICE_SPOOL_FREE_MIB',
    '256',
    as.mebibytes,
    'mebibytes of free disk below which no mail is accepted (452 4.3.1); delivery goes on',
  ),
  spoolReserveMib: known(
    'SLUICE_SPOOL_RESERVE_MIB',
    '16',
    as.mebibytes,
    'mebibytes set aside in advance for outcomes on a full disk; one holds about 1,700',
  ),
  overduePerSecond: known(
    'SLUICE_OVERDUE_PER_SECOND',
    '5000',
    as.perSecond,
    'entries that fell due while the engine was away, released a second after a start',
  ),
  requestsPerAddress: known(
    'SLUICE_REQUESTS_PER_ADDRESS',
    '200',
    as.perSecondOrNone,
    'API requests a second from one address, and 20 s of them at once; 0 sets no limit. Calls from this machine itself are not counted',
  ),
  requestsPerSession: known('SLUICE_REQUESTS_PER_SESSION', '50', as.perSecondOrNone, 'the same for one signed-in browser'),
  requestsPerKey: known('SLUICE_REQUESTS_PER_KEY', '100', as.perSecondOrNone, 'the same for one API key'),
  key: optional('SLUICE_KEY', as.key32, 'key-encryption key, 32 bytes in base64; else made once in the data folder', hidden),
  oldKey: optional('SLUICE_OLD_KEY', as.key32, 'the key-encryption key before it, while secrets are sealed anew', hidden),
  consoleDatabaseUrl: optional('SLUICE_CONSOLE_DATABASE_URL', as.postgresUrl, 'Postgres as the role of the console', hiddenInternal),
  engineDatabaseUrl: optional('SLUICE_ENGINE_DATABASE_URL', as.postgresUrl, 'Postgres as the role of the engine', hiddenInternal),
  sessionSecret: optional('SLUICE_SESSION_SECRET', as.longText(minSecret), 'signs session cookies', hiddenInternal),
  localToken: optional('SLUICE_LOCAL_TOKEN', as.longText(minSecret), 'bearer token of the command line on this machine', hiddenInternal),
  dnsServer: optional(
    'SLUICE_DNS_SERVER',
    as.hostAndPort,
    'DNS server of the engine: the sandbox, or a resolver other than the system has',
    internal,
  ),
  dnsTrusted: known(
    'SLUICE_DNS_TRUSTED',
    '0',
    as.flag,
    'the DNS server validates DNSSEC and is on this machine or a safe path to it: what it calls validated counts for DANE',
  ),
  policyPort: optional('SLUICE_POLICY_PORT', as.port, 'port of MTA-STS policy hosts in the sandbox, instead of 443', internal),
  sandboxSmtpPort: optional('SLUICE_SANDBOX_SMTP_PORT', as.port, 'port of the simulated providers, to which port 25 is mapped', internal),
  demo: known('SLUICE_DEMO', '0', as.flag, 'sample tenants and traffic (npm start -- --demo)', internal),
} satisfies Record<string, Definition<unknown>>;

type Definitions = typeof definitions;
type Field = keyof Definitions;
type ValueOf<D> = D extends Known<infer T> ? T : D extends Optional<infer T> ? T | null : never;
/** Values by field; null where neither the environment nor a default gives one. Paths are as written, relative to the working directory. */
export type Settings = { [F in Field]: ValueOf<Definitions[F]> } & {
  /** Contents of the PEM files of tlsCert and tlsKey. */
  tls: { cert: string; key: string } | null;
  owner: { email: string; password: string } | null;
};
export type SettingsResult = { ok: true; settings: Settings } | { ok: false; problems: string[] };
export type Environment = Readonly<Record<string, string | undefined>>;
/** Text of a file as UTF-8; throws when it cannot be read. */
export type ReadText = (path: string) => string;

export type CatalogueEntry = {
  field: Field;
  name: string;
  default: string | null;
  secret: boolean;
  internal: boolean;
  description: string;
};
export const settingsCatalogue: readonly CatalogueEntry[] = Object.entries(definitions).map(([field, definition]) => ({
  field: field as Field,
  name: definition.variable,
  default: definition.fallback,
  secret: definition.secret,
  internal: definition.internal,
  description: definition.description,
}));

/** Text of one variable: itself, or for a secret the file that `<name>_FILE` names. Empty counts as unset. */
function textOf(definition: Definition<unknown>, env: Environment, readFile: ReadText): as.Reading<string | null> {
  const direct = env[definition.variable] || null;
  const fileVariable = `${definition.variable}_FILE`;
  const path = definition.secret ? env[fileVariable] || null : null;
  if (path === null) return { ok: true, value: direct ?? definition.fallback };
  if (direct !== null) return { ok: false, problem: `${definition.variable} and ${fileVariable} are both set; unset one` };
  const content = readText(path, readFile);
  if (content === null) return { ok: false, problem: `${fileVariable} names a file that cannot be read` };
  const trimmed = content.trim();
  return trimmed === '' ? { ok: false, problem: `${fileVariable} names an empty file` } : { ok: true, value: trimmed };
}

function readText(path: string, readFile: ReadText): string | null {
  try {
    return readFile(path);
  } catch {
    return null;
  }
}

/** Number of single-character edits between two names (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function unknownVariables(env: Environment): string[] {
  const names = settingsCatalogue.flatMap((entry) => (entry.secret ? [entry.name, `${entry.name}_FILE`] : [entry.name]));
  const unknown = Object.keys(env).filter((name) => name.startsWith('SLUICE_') && !names.includes(name));
  return unknown.sort().map((name) => {
    const [nearest] = names.toSorted((a, b) => editDistance(name, a) - editDistance(name, b));
    return `${name} is not a setting; did you mean ${nearest}? (npm run -s sluice -- settings lists all)`;
  });
}

function readTls(settings: Pick<Settings, 'tlsCert' | 'tlsKey'>, readFile: ReadText, problems: string[]): Settings['tls'] {
  const { tlsCert, tlsKey } = settings;
  if (tlsCert === null && tlsKey === null) return null;
  if (tlsCert === null || tlsKey === null) {
    problems.push(
      `SLUICE_TLS_CERT and SLUICE_TLS_KEY belong together: ${tlsCert === null ? 'SLUICE_TLS_CERT' : 'SLUICE_TLS_KEY'} is missing`,
    );
    return null;
  }
  const [cert, key] = [readText(tlsCert, readFile), readText(tlsKey, readFile)];
  if (!cert?.includes('-----BEGIN CERTIFICATE-----')) problems.push('SLUICE_TLS_CERT must name a readable PEM file with a certificate');
  if (!key?.includes('PRIVATE KEY-----')) problems.push('SLUICE_TLS_KEY must name a readable PEM file with a private key');
  return cert === null || key === null ? null : { cert, key };
}

function readOwner(settings: Pick<Settings, 'ownerEmail' | 'ownerPassword'>, problems: string[]): Settings['owner'] {
  const { ownerEmail: email, ownerPassword: password } = settings;
  if (email !== null && password !== null) return { email, password };
  if (email !== null || password !== null) {
    const missing = email === null ? 'SLUICE_OWNER_EMAIL' : 'SLUICE_OWNER_PASSWORD';
    problems.push(`SLUICE_OWNER_EMAIL and SLUICE_OWNER_PASSWORD belong together: ${missing} is missing`);
  }
  return null;
}

const ports = ['consolePort', 'smtpPort', 'engineHttpPort', 'postgresPort'] as const;
function samePorts(settings: Pick<Settings, (typeof ports)[number]>, problems: string[]): void {
  for (const [index, field] of ports.entries()) {
    const twin = ports.slice(0, index).find((other) => settings[other] !== 0 && settings[other] === settings[field]);
    if (twin !== undefined) problems.push(`${definitions[field].variable} is the same port as ${definitions[twin].variable}`);
  }
}

/** Reads and checks the whole environment. Problems are single lines that name the variable and never its value. */
export function readSettings(env: Environment, readFile: ReadText): SettingsResult {
  const problems = unknownVariables(env);
  const values: Partial<Record<Field, unknown>> = {};
  for (const [field, definition] of Object.entries(definitions) as [Field, Definition<unknown>][]) {
    values[field] = null;
    const found = textOf(definition, env, readFile);
    if (!found.ok) problems.push(found.problem);
    if (!found.ok || found.value === null) continue;
    const reading = definition.read(found.value);
    if (reading.ok) values[field] = reading.value;
    else problems.push(`${definition.variable} ${reading.problem}`);
  }
  if (problems.length > 0) return { ok: false, problems };
  // Every field was read by its own definition, whose type Settings is derived from.
  const settings = values as Settings;
  settings.tls = readTls(settings, readFile, problems);
  settings.owner = readOwner(settings, problems);
  samePorts(settings, problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings };
}
