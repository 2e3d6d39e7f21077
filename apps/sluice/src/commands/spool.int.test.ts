// `sluice spool` as a process of its own on a real spool: whole, broken byte by byte, and in use.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSampleSpool, writeSampleSpool, type SampleSpool } from '@sluice/engine/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));
let scratch = '';
let folder = '';
let sample: SampleSpool;
const shard = () => join(folder, 'worker-0');
const idOf = (n: number): string => sample.messageIds[n] ?? '';

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'sluice-tool-'));
  folder = join(scratch, 'sandbox', 'spool');
  sample = await writeSampleSpool(folder, 5);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function sluice(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [cli, 'spool', ...words, '--folder', folder], { encoding: 'utf8' });
}

function flip(name: string, offset: number): void {
  const handle = openSync(join(shard(), name), 'r+');
  const octet = Buffer.alloc(1);
  readSync(handle, octet, 0, 1, offset);
  writeSync(handle, Buffer.from([(octet[0] ?? 0) ^ 0x20]), 0, 1, offset);
  closeSync(handle);
}

const digest = (): string[] =>
  readdirSync(shard()).map(
    (name) =>
      `${name} ${createHash('sha256')
        .update(readFileSync(join(shard(), name)))
        .digest('hex')}`,
  );
const listed = (stdout: string): { entryId: string }[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { entryId: string });

// Each step is a process that loads the whole command line.
describe('sluice spool', { timeout: 90_000 }, () => {
  it('lists what waits with its due time, attempts and last reply, by domain and tenant', () => {
    const all = sluice('list', '--json');
    expect(all).toMatchObject({ status: 0, stderr: '' });
    const entries = listed(all.stdout);
    expect(entries).toHaveLength(8);
    expect(entries.find(({ entryId }) => entryId === `${idOf(1)}.0`)).toMatchObject({
      ...{ sender: 'bounce-1@sender.example', recipient: 'r0@dömain.example', tenantId: 'tenant' },
      ...{ dueAt: 9_000, attempts: 3, lastReply: { code: 451 } },
    });
    expect(listed(sluice('list', '--json', '--domain', 'Dömain.example', '--tenant', 'tenant').stdout)).toHaveLength(8);
    expect(sluice('list', '--json', '--domain', 'other.example').stdout).toBe('');
    expect(sluice('list', '--json', '--tenant', 'other').stdout).toBe('');
  });

  it('exports each message once with its envelope, and leaves every file of the spool as it was', () => {
    const before = digest();
    const target = join(scratch, 'out');
    expect(sluice('export', target)).toMatchObject({ status: 0, stdout: '4 messages with 8 entries\n' });
    expect(readFileSync(join(target, `0-${idOf(3)}.eml`), 'utf8')).toContain('Subject: 3\r\n\r\nFrom here on, body 3\r\n');
    const envelope: unknown = JSON.parse(readFileSync(join(target, `0-${idOf(3)}.json`), 'utf8'));
    expect(envelope).toMatchObject({
      sender: 'bounce-3@sender.example',
      entries: [{ recipient: 'r0@dömain.example' }, { entryId: `${idOf(3)}.1` }],
    });
    expect(sluice('verify')).toMatchObject({ status: 0 });
    expect(digest()).toEqual(before);
    expect(sluice('export', target)).toMatchObject({ status: 1, stderr: expect.stringContaining('is there already') as string });
  });

  it('exports an mbox in which lines that begin in From are quoted', () => {
    const target = join(scratch, 'box');
    expect(sluice('export', target, '--format', 'mbox').status).toBe(0);
    const box = readFileSync(join(target, 'messages.mbox'), 'utf8');
    expect(box.match(/^From bounce-\d@sender\.example \w{3} \w{3} \d\d [\d:]{8} \d{4}$/gm)).toHaveLength(4);
    expect(box.match(/^>From here on, body \d$/gm)).toHaveLength(4);
  });

  it('names a content and a record with a flipped byte, and salvages all that is whole', () => {
    const content = sample.contents[3];
    flip('content-00000001.seg', (content?.offset ?? 0) + (content?.length ?? 0) - 5);
    flip('journal-00000001.seg', (sample.journalEnds[3] ?? 0) + 40);
    const verified = sluice('verify', '--json');
    expect(verified).toMatchObject({ status: 1, stderr: expect.stringContaining('the spool is damaged') });
    expect(JSON.parse(verified.stdout)).toMatchObject([
      {
        damage: [{ segment: 1, offset: sample.journalEnds[3], tail: false }],
        contentDamage: [{ segment: 1, offset: content?.offset }],
        lost: [{ messageId: idOf(3), part: 'content', entries: 2, offset: content?.offset }],
      },
    ]);
    const target = join(scratch, 'salvage');
    const exported = sluice('export', target, '--unreferenced');
    expect(exported.status).toBe(1);
    // Messages 0 and 1 wait, 2 is over and 4 has lost its record: both of these may be what is looked for.
    expect(exported.stdout).toContain('2 messages with 4 entries, 2 unreferenced contents');
    expect(exported.stdout).toContain(`not whole: message ${idOf(3)}; its content record`);
    const saved = readdirSync(target).filter((name) => name.includes('unreferenced') && name.endsWith('.eml'));
    expect(saved.map((name) => /Subject: \d/.exec(readFileSync(join(target, name), 'utf8'))?.[0])).toEqual(['Subject: 2', 'Subject: 4']);
    expect(readdirSync(target)).not.toContain(`0-${idOf(3)}.eml`);
  });

  it('still reads a spool whose identity is destroyed', () => {
    flip('log-id', 0);
    expect(sluice('verify')).toMatchObject({ status: 1, stdout: expect.stringContaining('log-id cannot be read') as string });
    expect(listed(sluice('list', '--json').stdout)).toHaveLength(8);
  });

  it('lists beside an engine that runs and says so, but verifies and exports only when it is stopped', async () => {
    const running = await openSampleSpool(folder);
    try {
      const seen = sluice('list', '--json');
      expect(listed(seen.stdout)).toHaveLength(8);
      expect(seen.stderr).toContain('an engine is running');
      const refused = { status: 1, stderr: expect.stringContaining('an engine has worker 0 open') as string };
      expect(sluice('verify')).toMatchObject(refused);
      expect(sluice('export', join(scratch, 'never'))).toMatchObject(refused);
      await expect(openSampleSpool(folder)).rejects.toMatchObject({ code: 'spool_in_use' });
    } finally {
      await running.close();
    }
    expect(sluice('verify').status).toBe(0);
  });
});
