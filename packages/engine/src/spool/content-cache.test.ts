import { expect, it } from 'vitest';
import type { ContentRef, StoredContent } from '../entry.ts';
import { ContentCache } from './content-cache.ts';

const content = (size: number): StoredContent => ({
  bytes: new Uint8Array(size),
  facts: { sizeBytes: size, headerBytes: 0, bodyHash: '', eightBit: false, utf8: false, headerMessageId: null, fromDomain: '' },
  further: null,
});
const at = (offset: number): ContentRef => ({ segment: 1, offset, length: 10 });

it('gives a content as often as it has recipients, and lets it go with the last', () => {
  const cache = new ContentCache(1_000);
  const kept = content(100);
  cache.put(at(0), kept, 2);
  expect(cache.take(at(0))).toBe(kept);
  expect(cache.bytes).toBe(100);
  expect(cache.take(at(0))).toBe(kept);
  expect(cache.take(at(0))).toBeNull();
  expect(cache.bytes).toBe(0);
});

it('holds no more than its bound, and lets the oldest go first', () => {
  const cache = new ContentCache(1_000);
  for (let n = 0; n < 500; n++) {
    cache.put(at(n), content(100), 1);
    if (n % 3 === 0) cache.take(at(n));
    expect(cache.bytes).toBeLessThanOrEqual(1_000);
  }
  expect(cache.take(at(400))).toBeNull();
  expect(cache.take(at(499))?.bytes.byteLength).toBe(100);
  cache.put(at(1_000), content(1_001), 1);
  expect(cache.take(at(1_000))).toBeNull();
});
