// The API from another language: what a generator makes of docs/openapi.json, in a program that uses it against a running installation.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInstallation, type Installation } from '@sluice/bench/installation';
import { run, settingsOf } from './commands.ts';
import { pythonTypes } from './python-types.ts';

const program = fileURLToPath(new URL('python-client.py', import.meta.url));
const python = spawnSync('python3', ['--version']).status === 0;

type Refusal = { status: number; code: string; reason: string | null; issues: string[] };
type Found = {
  before: number;
  after: number;
  made: { id: string; revision: number };
  again: [same: boolean, replayed: string | null];
  pool: { id: string; typed: boolean; members: [sourceId: string, weight: number, enabled: boolean][] };
  taken: Refusal;
  unread: Refusal;
  denied: Refusal;
};

describe.skipIf(!python)(`Python with types from the document${python ? '' : ' (skipped: no python3)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-python-'));
  let at: Installation;
  let found: Found;

  beforeAll(async () => {
    writeFileSync(join(folder, 'sluice_types.py'), await pythonTypes(['pools.list', 'pools.create']));
    at = await startInstallation();
    const made = await run(
      ['sluice', 'keys', 'create', 'python', '--local', '--scope', 'pools:read,pools:write'],
      settingsOf(at.dataDir, at.ports),
    );
    // Python takes modules from the folder of the program, and else from its standard library.
    copyFileSync(program, join(folder, 'program.py'));
    const asked = spawnSync('python3', ['-B', join(folder, 'program.py'), at.consoleUrl, made.stdout.trim()], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, PYTHONNOUSERSITE: '1', NODE_ENV: 'test' },
    });
    if (asked.status !== 0) throw new Error(`the program ended with ${asked.status}: ${asked.stderr}`);
    found = JSON.parse(asked.stdout) as Found;
  }, 300_000);
  afterAll(async () => {
    await at?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('signs in with a key, reads pools and makes one, as values of the types', async () => {
    const pool = (await at.client.pools.list.query({ limit: 100 })).find(({ name }) => name === 'from Python');
    expect(found.after).toBe(found.before + 1);
    expect(found.made.id).toBe(pool?.id);
    expect(found.made.revision).toBeGreaterThan(0);
    expect(found.pool).toEqual({ id: pool?.id, typed: true, members: pool?.members.map((one) => [one.sourceId, one.weight, one.enabled]) });
    expect(found.pool.members[0]?.[1]).toBe(3);
  });

  it('made it once, though it asked twice under one idempotency key', () => {
    expect(found.again).toEqual([true, 'true']);
  });

  it('tells refusals apart by words of the document', () => {
    expect(found.taken).toEqual({ status: 409, code: 'CONFLICT', reason: null, issues: [] });
    expect(found.unread).toEqual({
      status: 400,
      code: 'BAD_REQUEST',
      reason: 'INVALID_INPUT',

      issues: ['members.0.sourceId'],
    });
    expect(found.denied).toEqual({ status: 403, code: 'FORBIDDEN', reason: 'ROLE', issues: [] });
  });
});
