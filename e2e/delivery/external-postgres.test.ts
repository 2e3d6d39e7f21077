// An installation on the operator's own Postgres, the one of the machine's packages: it sends mail, takes changes into force, goes on while the
// server is away, and is backed up by the server's own pg_dump and comes up whole on another server, under another owner.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newDataDir, startInstallation, until, type Installation } from '@sluice/bench/installation';
import { linesOf, run, settingsOf, type Ended } from './commands.ts';
import { startPrivateServer, systemPostgres, type PrivateServer } from './system-postgres.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';

const system = systemPostgres();
const stepLimitMs = 30_000;
const password = 'p@ss/word of the owner?';
const unfit = system === null ? ' (skipped: no Postgres 15 or newer of the package postgresql)' : ` ${system.major}`;

describe.skipIf(system === null)(`on Debian's Postgres${unfit}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-external-'));
  const file = join(folder, 'backup');
  let server: PrivateServer;
  let other: PrivateServer;
  let at: Installation;
  let again: Installation | null = null;
  let red: TestTenant;

  beforeAll(async () => {
    if (system === null) return;
    server = await startPrivateServer(system, 'mail_owner', password);
    at = await startInstallation({ env: { DATABASE_URL: server.ownerUrl } });
    red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.37.1'] });
    await inForce(at);
  }, 300_000);
  afterAll(async () => {
    await again?.dispose();
    await at?.dispose();
    await server?.dispose();
    await other?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const inForce = (where: Installation) =>
    until(async () => {
      const [node] = await where.client.nodes.list.query();
      return node?.state === 'running' && node.revision === node.headRevision;
    }, stepLimitMs);
  const sluice = (where: Pick<Installation, 'dataDir' | 'ports'>, url: string, args: string[], env: Record<string, string> = {}) =>
    run(['sluice', ...args], { ...settingsOf(where.dataDir, where.ports), DATABASE_URL: url, ...env });
  let sent = 0;

  /** Hands a message in and answers with what the receiver got. */
  async function mail(where: Installation, domain = 'gmail.com') {
    const recipient = `reader.${(sent += 1)}@${domain}`;
    const transport = mailer(where, red);
    await transport.sendMail({ from: `news@${red.domain}`, to: recipient, subject: 'hello', text: 'hello' });
    transport.close();
    const receipt = () => where.received().find(({ recipients }) => recipients.some((to) => to.address === recipient));
    await until(() => receipt() !== undefined, stepLimitMs);
    return { recipient, ehlo: receipt()?.ehlo, signed: receipt()?.headers.some(([name]) => name.toLowerCase() === 'dkim-signature') };
  }

  const traced = (where: Installation, recipient: string) =>
    until(async () => {
      const { events } = await where.client.messages.trace.query({ recipient });
      return ['accepted', 'delivered'].every((wanted) => events.some(({ type }) => type === wanted));
    }, stepLimitMs);
  const status = (url: string): Promise<number> =>
    fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      (answer) => answer.status,
      () => 0,
    );

  async function rows<T extends object>(url: string, text: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(`select set_config('sluice.tenant', '*', false)`);
      return (await client.query<T>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('mail goes out signed and its events come back; a change of the configuration is in force on the next message', async () => {
    const first = await mail(at);
    expect(first).toMatchObject({ signed: true, ehlo: 'mta1.red.example' });
    await traced(at, first.recipient);
    await at.client.settings.create.mutate({ name: 'greeting', where: {}, values: { ehloName: 'greeting.example' } });
    await inForce(at);
    expect((await mail(at, 'shop.example')).ehlo).toBe('greeting.example');
  });

  it('an owner that is no superuser suffices, and the record is whole', async () => {
    expect(await rows(server.ownerUrl, 'select rolsuper from pg_roles where rolname = current_user')).toEqual([{ rolsuper: false }]);
    const { code, stdout } = await sluice(at, server.ownerUrl, ['audit', 'verify']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('the record is whole')]);
  });

  it('while the server is away mail goes on and the console says that it is not ready; both go on when it is back', async () => {
    await server.stop();
    await until(async () => (await status(`${at.consoleUrl}/readyz`)) === 503, stepLimitMs);
    expect(await status(`${at.consoleUrl}/healthz`)).toBe(200);
    const meanwhile = await mail(at);
    expect(meanwhile.signed).toBe(true);
    expect(at.process.exitCode).toBeNull();
    await server.start();
    await until(async () => (await status(`${at.consoleUrl}/readyz`)) === 200, stepLimitMs);
    await traced(at, meanwhile.recipient);
    await at.client.settings.create.mutate({
      name: 'a later one',
      where: { source: red.sourceIds[0] },
      values: { ehloName: 'later.example' },
    });
    await inForce(at);
    expect((await mail(at, 'later-shop.example')).ehlo).toBe('later.example');
  });

  describe('a backup', () => {
    let made: Ended;
    const recorded = join(folder, 'arguments');
    const bin = join(folder, 'bin');

    beforeAll(async () => {
      // What other accounts of the machine would read of it in the list of processes.
      mkdirSync(bin);
      for (const name of ['pg_dump', 'pg_restore']) {
        const real = join(system?.bin ?? '', name);
        writeFileSync(join(bin, name), `#!/bin/sh\nprintf '%s\\n' "$0 $*" >>'${recorded}'\nexec '${real}' "$@"\n`);
        chmodSync(join(bin, name), 0o755);
      }
      made = await sluice(at, server.ownerUrl, ['backup', file], { SLUICE_POSTGRES_BIN: bin });
    }, 60_000);

    it('is a new file for its owner alone, made by pg_dump without the password in its arguments', () => {
      expect([made.code, made.stderr]).toEqual([0, '']);
      expect(made.stdout).toMatch(/^\d+ tables with \d+ bytes of rows are in /);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const seen = readFileSync(recorded, 'utf8');
      expect(seen).toContain('pg_dump --format=custom');
      expect(decodeURIComponent(seen)).not.toContain(password);
    });

    it('is found in the place of the package without a setting, and is refused where a file is', async () => {
      const second = join(folder, 'second');
      expect((await sluice(at, server.ownerUrl, ['backup', second])).code).toBe(0);
      expect(await sluice(at, server.ownerUrl, ['backup', second])).toMatchObject({ code: 2, stderr: `${second} is there already\n` });
    });

    it('is refused with one line when pg_dump is of another version or missing, and leaves no file', async () => {
      const wrong = join(folder, 'wrong');
      mkdirSync(wrong);
      writeFileSync(join(wrong, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 14.11 (Debian 14.11-1)"\n');
      chmodSync(join(wrong, 'pg_dump'), 0o755);
      const refused = join(folder, 'refused');
      const of = (bin: string) => sluice(at, server.ownerUrl, ['backup', refused], { SLUICE_POSTGRES_BIN: bin });
      const other = await of(wrong);
      expect([other.code, linesOf(other.stderr)]).toEqual([
        1,
        [
          `the server is Postgres ${system?.major}, and its own pg_dump was not found (${wrong}/pg_dump is of version 14): install postgresql-client-${system?.major}, or name the folder that has it in SLUICE_POSTGRES_BIN`,
        ],
      ]);
      const none = await of(folder);
      expect([none.code, linesOf(none.stderr)]).toEqual([
        1,
        [expect.stringContaining(`its own pg_dump was not found (there is none in ${folder})`)],
      ]);
      expect([existsSync(refused), existsSync(`${refused}.unfinished`)]).toEqual([false, false]);
    });

    it('of a role that does not see every tenant is refused', async () => {
      const url = new URL(server.superuserUrl);
      url.pathname = '/mail';
      await rows(url.href, `create role reader login password 'reader' in role pg_read_all_data`);
      [url.username, url.password] = ['reader', 'reader'];
      const { code, stderr } = await sluice(at, url.href, ['backup', join(folder, 'partial')]);
      expect([code, linesOf(stderr)]).toEqual([
        1,
        [expect.stringMatching(/does not see all of table .*use the role that owns the database$/)],
      ]);
    });
  });

  describe('restored on another server under another owner', () => {
    let target: { dataDir: string; ports: Installation['ports'] };
    const counted = [
      `audit_entry`,
      `config_entity`,
      `config_revision`,
      `delivery_event`,
      `secret`,
      `credential`,
      `"user"`,
      `rollup_minute`,
    ];
    const digest = (url: string) =>
      Promise.all(
        counted.map((table) =>
          rows<{ rows: number }>(
            url,
            `select '${table}' as "table", count(*)::int as rows, md5(string_agg(t::text, ';' order by t::text collate "C")) from ${table} t`,
          ),
        ),
      );
    let before: Awaited<ReturnType<typeof digest>>;

    beforeAll(async () => {
      if (system === null) return;
      other = await startPrivateServer(system, 'somebody_else', 'short');
      target = { dataDir: newDataDir(), ports: at.ports };
      await traced(at, (await mail(at)).recipient);
      await until(async () => (await at.client.audit.state.query()).anchors.some(({ seq }) => seq > 5), 90_000);
      await at.stop();
      before = await digest(server.ownerUrl);
      rmSync(file, { force: true });
      expect(await sluice(at, server.ownerUrl, ['backup', file])).toMatchObject({ code: 0, stderr: '' });
    }, 240_000);

    const restore = (path: string, ...more: string[]) => sluice(target, other.ownerUrl, ['restore', path, ...more]);
    const tables = () => rows(other.ownerUrl, `select tablename from pg_tables where schemaname = 'public'`);

    it('a file that was cut or changed, or is of a newer Postgres, is refused before anything is written', async () => {
      const whole = readFileSync(file);
      const frames = gunzipSync(whole);
      const altered = Buffer.from(frames);
      altered[altered.indexOf(Buffer.from('red.example'))] = 'X'.charCodeAt(0);
      const newer = Buffer.from(frames.toString('latin1').replace(/"server":"\d\d/, '"server":"99'), 'latin1');
      const bad: [string, Buffer, RegExp][] = [
        ['cut', whole.subarray(0, whole.length - 200), /cannot be read|cut off/],
        ['cut between frames', gzipSync(frames.subarray(0, frames.length - 80)), /cut off/],
        ['changed', gzipSync(altered), /changed after it was written/],
        ['newer', gzipSync(newer), /^the backup is of Postgres 99\.\d+, and this server is .*: restore into 99 or newer$/],
      ];
      for (const [name, content, message] of bad) {
        writeFileSync(join(folder, 'bad'), content);
        const { code, stderr } = await restore(join(folder, 'bad'));
        expect([name, code, linesOf(stderr)]).toEqual([name, 1, [expect.stringMatching(message)]]);
        expect(await tables()).toEqual([]);
      }
    }, 120_000);

    it('it is row for row what was there, and a second restore is refused', async () => {
      const { code, stdout, stderr } = await restore(file, '--key-file', join(at.dataDir, 'secrets', 'key'));
      expect([code, stderr, stdout]).toEqual([
        0,
        '',
        expect.stringMatching(/^\d+ tables as of .* are in the database of DATABASE_URL\. Start Sluice\./),
      ]);
      await sluice(target, other.ownerUrl, ['db', 'provision']);
      expect(await digest(other.ownerUrl)).toEqual(before);
      expect(before.flat().filter(({ rows: count }) => Number(count) === 0)).toEqual([]);
      expect(await restore(file)).toMatchObject({ code: 1, stderr: 'the database is not empty: restore into a new one\n' });
    });

    it('it runs: accounts, credentials, keys and configuration are those of before, and the record is whole by the anchors of before', async () => {
      again = await startInstallation({ ...target, owner: at.owner, env: { DATABASE_URL: other.ownerUrl } });
      await inForce(again);
      const { recipient, ehlo, signed } = await mail(again, 'later-shop.example');
      expect([ehlo, signed]).toEqual(['later.example', true]);
      await traced(again, recipient);
      await traced(again, 'reader.1@gmail.com');
      await again.client.tenants.create.mutate({ name: 'Tenant blue', slug: 'blue' });
      const { code, stdout } = await sluice(again, other.ownerUrl, ['audit', 'verify', '--anchors', at.dataDir]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/checked against [1-9]\d* anchors of nodes: the record is whole/)]);
    }, 300_000);

    it("what nobody may do stays so: functions are not everybody's, and row-level security hides every tenant unasked", async () => {
      const open = `select p.oid::regprocedure::text as name from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.prosecdef and has_function_privilege('public', p.oid, 'execute')`;
      expect(await rows(other.ownerUrl, open)).toEqual([]);
      const guarded = (url: string) =>
        rows(url, `select tablename, policyname, roles <> '{public}' as chosen, qual from pg_policies order by 1, 2`);
      expect(await guarded(other.ownerUrl)).toEqual(await guarded(server.ownerUrl));
      const { engineUrl } = JSON.parse(readFileSync(join(target.dataDir, 'secrets', 'database-urls.json'), 'utf8')) as {
        engineUrl: string;
      };
      await expect(rows(engineUrl, 'delete from audit_entry')).rejects.toThrow('permission denied');
    });
  });
});
