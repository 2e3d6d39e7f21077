import type { RecordFile } from '@sluice/engine';
import { fleetIdOf, fleetRecipient, kekIdOf, makeKeyPair, sealSecret, shareFleetKey, type KeyPair } from '@sluice/plane';
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyRing } from './key-ring.ts';
import { once, sealedOpener } from './key-store.ts';

function memoryFile(): RecordFile & { lines: string[] } {
  const file = {
    lines: [] as string[],
    read: async () => file.lines,
    append: async (lines: Iterable<string>) => void file.lines.push(...lines),
    replace: async (lines: Iterable<string>) => void (file.lines = [...lines]),
  };
  return file;
}

const [pair, stranger, fleet, next] = [makeKeyPair(), makeKeyPair(), makeKeyPair(), makeKeyPair()];
const shareFor = (node: KeyPair, key: KeyPair) => ({
  fleetId: fleetIdOf(key.publicKey),
  publicKey: key.publicKey,
  box: shareFleetKey(key, node.publicKey),
});
const kek = randomBytes(32);
const sealedFor = (key: KeyPair) =>
  sealSecret(Buffer.from('hush'), { id: '01890000-0000-7000-8000-000000000001', aad: 'a' }, [
    { id: kekIdOf(kek), key: kek },
    fleetRecipient(key.publicKey),
  ]);

function ringOf(file = memoryFile(), own: Uint8Array | null = null) {
  const lines: string[] = [];
  const problems: string[] = [];
  let news = 0;
  const ring = keyRing(
    { pair, file, kek: own },
    (level, message) => void lines.push(`${level}: ${message}`),
    () => (news += 1),
  );
  const open = sealedOpener(ring, (_id, code) => void problems.push(code));
  return { ring, open, lines, problems, file, news: () => news };
}

test('without a share nothing opens; with one it does, after a restart too, and the share on disk is not the key', async () => {
  const first = ringOf();
  await first.ring.load();
  expect([first.open(sealedFor(fleet)), first.problems]).toEqual([null, ['not_for_us']]);
  await first.ring.take([], 'pending');
  await first.ring.take([shareFor(pair, fleet)], 'enrolled');
  expect(Buffer.from(first.open(sealedFor(fleet)) ?? []).toString()).toBe('hush');
  expect([first.news(), first.ring.holds()]).toEqual([1, [fleetIdOf(fleet.publicKey)]]);
  expect(first.lines.map((line) => line.split(':')[0])).toEqual(['warn', 'info']);
  expect(first.file.lines.join()).not.toContain(fleet.privateKey);
  const again = ringOf(first.file);
  await again.ring.load();
  expect(Buffer.from(again.open(sealedFor(fleet)) ?? []).toString()).toBe('hush');
  await again.ring.take([shareFor(pair, fleet)], 'enrolled');
  expect(again.news()).toBe(0);
});

test('while the fleet key changes old and new open; a share for another node is said and opens nothing', async () => {
  const { ring, open, lines } = ringOf();
  await ring.take([shareFor(pair, fleet)], 'enrolled');
  await ring.take([shareFor(pair, fleet), shareFor(pair, next)], 'enrolled');
  expect([open(sealedFor(fleet)), open(sealedFor(next))].map((plain) => plain !== null)).toEqual([true, true]);
  // What is on disk may still be sealed for the old one when its share is gone.
  await ring.take([shareFor(pair, next)], 'enrolled');
  expect(open(sealedFor(fleet))).not.toBeNull();
  const other = ringOf();
  await other.ring.take([shareFor(stranger, fleet)], 'enrolled');
  expect([other.open(sealedFor(fleet)), other.ring.holds()]).toEqual([null, []]);
  expect(other.lines.at(-1)).toContain('cannot be opened');
  expect(lines).toHaveLength(1);
});

test('a process that is given the key-encryption key opens with that', () => {
  const { open } = ringOf(memoryFile(), kek);
  expect(open(sealedFor(fleet))).not.toBeNull();
});

test('a line on disk that is no share is passed over', async () => {
  const file = memoryFile();
  file.lines = ['{"fleetId":1', '{}', JSON.stringify(shareFor(pair, fleet))];
  const { ring } = ringOf(file);
  await ring.load();
  expect(ring.holds()).toEqual([fleetIdOf(fleet.publicKey)]);
});

test('a problem is told once until something changed', () => {
  const said: string[] = [];
  const { tell, forget } = once((id, code) => void said.push(`${id} ${code}`));
  for (let round = 0; round < 3; round += 1) tell('a', 'not_for_us');
  tell('a', 'damaged');
  forget();
  tell('a', 'not_for_us');
  expect(said).toEqual(['a not_for_us', 'a damaged', 'a not_for_us']);
});
