// Contents that come in parts: whole or not there, each part checked when it is read, nothing left of what nobody accepted.
import { expect, test } from 'vitest';
import { verifyShard } from '../offline/verify.ts';
import { storedMessages, unreferencedContents } from '../offline/stored-messages.ts';
import type { ContentFacts, StoredContent } from '../entry.ts';
import type { ContentDraft } from '../ports.ts';
import { PowerCutFiles } from '../testing/power-cut-files.ts';
import { ContentLostError } from './contents.ts';
import type { OpenSpool } from './spool.ts';
import { ended, injection, openOn, recovered, shardPath, spoolDirectory } from './testing.ts';

const partBytes = 1_000;
const bytes = Buffer.from(`Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(300)}`);
const large = injection(1, { bytes });
const nothing = new Uint8Array(0);

async function write(draft: ContentDraft, of: Buffer = bytes): Promise<void> {
  for (let from = 0; from < of.length; from += partBytes) await draft.append(of.subarray(from, from + partBytes));
}

async function acceptLarge(spool: OpenSpool) {
  const draft = spool.draft();
  await write(draft);
  const stored = await draft.finish(large.facts);
  return spool.accept({ ...large, bytes: nothing, stored });
}

async function whole({ bytes: front, further }: StoredContent): Promise<Buffer> {
  const parts: Uint8Array[] = [front];
  for (let n = 0; n < (further?.count ?? 0); n += 1) parts.push((await further?.read(n)) ?? nothing);
  return Buffer.concat(parts);
}

const contentFiles = (files: PowerCutFiles): string[] => files.paths().filter((path) => path.includes('/content-'));

test('what came in parts is read in parts, octet for octet, now and after a restart', async () => {
  const files = new PowerCutFiles({ seed: 1 });
  const { spool } = await openOn(files);
  const { entries } = await acceptLarge(spool);
  const [entry] = entries;
  if (!entry) throw new Error('no entry');
  const stored = await spool.read(entry.content);
  expect(stored.bytes.length).toBe(partBytes);
  expect(stored.further).toMatchObject({ count: 5, bytes: bytes.length - partBytes });
  expect((await whole(stored)).equals(bytes)).toBe(true);
  expect(stored.facts).toEqual(large.facts);
  await spool.close();
  const again = await openOn(files);
  const found = (await recovered(again.spool)).get(entry.entryId);
  expect(found?.content).toEqual(entry.content);
  expect((await whole(await again.spool.read(entry.content))).equals(bytes)).toBe(true);
});

test('the beginning that is read holds the whole header, however long it is', async () => {
  const { spool } = await openOn(new PowerCutFiles({ seed: 1 }));
  const facts: ContentFacts = { ...large.facts, headerBytes: 2_500 };
  const draft = spool.draft();
  await write(draft);
  const { entries } = await spool.accept({ ...large, facts, bytes: nothing, stored: await draft.finish(facts) });
  const stored = await spool.read(entries[0]?.content ?? { segment: 0, offset: 0, length: 0 });
  expect(stored.bytes.length).toBe(3 * partBytes);
  expect((await whole(stored)).equals(bytes)).toBe(true);
});

test('when the message is over its file goes', async () => {
  const files = new PowerCutFiles({ seed: 1 });
  const { spool } = await openOn(files);
  const { entries } = await acceptLarge(spool);
  await spool.accept(injection(2));
  const before = contentFiles(files).length;
  await spool.record([ended(entries[0]?.entryId ?? '')]);
  await spool.accept(injection(3));
  expect(contentFiles(files).length).toBe(before - 1);
});

test('a part that rots is not given out, and neither is a content whose last record does', async () => {
  const files = new PowerCutFiles({ seed: 1 });
  const { spool, messages } = await openOn(files);
  const { entries } = await acceptLarge(spool);
  const content = entries[0]?.content ?? { segment: 0, offset: 0, length: 0 };
  const path = `${shardPath}/content-${String(content.segment).padStart(8, '0')}.seg`;
  files.corrupt(path, content.offset + 3 * (partBytes + 12) + 500, Buffer.from('!'));
  const stored = await spool.read(content);
  await stored.further?.read(1);
  await expect(stored.further?.read(2)).rejects.toThrow(ContentLostError);
  expect(messages).toContain('a content is missing or damaged');
  expect(verifyShard(spoolDirectory, 0, files)).toMatchObject({ lostInjections: 1, lost: [{ part: 'content', entries: 1 }] });
  files.corrupt(path, content.offset + content.length - 100, Buffer.from('!'));
  await expect(spool.read(content)).rejects.toThrow(ContentLostError);
});

test('a draft that nobody finishes or that is thrown away leaves no file, and one that a crash cuts off is gone after the next start', async () => {
  const files = new PowerCutFiles({ seed: 1 });
  const { spool } = await openOn(files);
  const [thrown, finished, open] = [spool.draft(), spool.draft(), spool.draft()];
  for (const draft of [thrown, finished, open]) await write(draft);
  await finished.finish(large.facts);
  expect(contentFiles(files).length).toBe(3);
  thrown.discard();
  finished.discard();
  expect(contentFiles(files).length).toBe(1);
  const after = files.afterCut({ seed: 2 });
  const again = await openOn(after);
  await recovered(again.spool);
  await again.spool.accept(injection(5));
  await again.spool.accept(injection(6));
  expect(contentFiles(after).length).toBe(1);
});

test('on a disk that is full or fails a draft is refused and gone, and accepting goes on when there is room', async () => {
  const files = new PowerCutFiles({ seed: 1 });
  const { spool, clock } = await openOn(files);
  for (const code of ['ENOSPC', 'EIO'] as const) {
    const draft = spool.draft();
    await draft.append(bytes.subarray(0, partBytes));
    files.fail({ operation: code === 'EIO' ? 'datasync' : 'write', code, times: 1 });
    await expect(write(draft, bytes.subarray(partBytes)).then(() => draft.finish(large.facts))).rejects.toMatchObject({
      code: code === 'EIO' ? 'io_error' : 'disk_full',
    });
    expect(contentFiles(files)).toEqual([]);
    expect(spool.trouble()).not.toBeNull();
    await expect(spool.draft().append(nothing)).rejects.toMatchObject({ name: 'SpoolError' });
    clock.runTimers();
    await expect.poll(() => spool.trouble()).toBeNull();
  }
  await acceptLarge(spool);
});

test('the offline tool verifies, lists and exports it, and knows one that no message names', async () => {
  const files = new PowerCutFiles({ seed: 1 });
  const { spool } = await openOn(files);
  await acceptLarge(spool);
  const draft = spool.draft();
  await write(draft);
  await draft.finish(large.facts);
  expect(verifyShard(spoolDirectory, 0, files)).toMatchObject({ lostInjections: 0, contentDamage: [] });
  const [message] = [...storedMessages(spoolDirectory, 0, {}, files)];
  if (message?.kind !== 'whole') throw new Error('not whole');
  expect(Buffer.from(message.content()?.bytes ?? nothing).equals(bytes)).toBe(true);
  const [orphan, ...more] = [...unreferencedContents(spoolDirectory, 0, files)];
  expect(more).toEqual([]);
  expect(Buffer.from(orphan?.bytes ?? nothing).equals(bytes)).toBe(true);
});
