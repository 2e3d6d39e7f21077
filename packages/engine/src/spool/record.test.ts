// The frame of a record: what was written comes back, what was not is never taken for a record.
import { describe, expect, it } from 'vitest';
import {
  frameBytes,
  nextRecordAfter,
  recordAt,
  recordTypes,
  recordVersion,
  sealedRecord,
  segmentSeed,
  type SegmentBytes,
} from './record.ts';
import {
  acceptBody,
  acceptHead,
  acceptedEntries,
  changeHead,
  changeState,
  contentOf,
  entryOf,
  putAccept,
  putChange,
  putContent,
} from './payload.ts';
import { Region } from './region.ts';
import { ended, injection, retried } from './testing.ts';

const seed = segmentSeed('journal', 7);
const over =
  (bytes: Buffer): SegmentBytes =>
  (offset, length) =>
    bytes.subarray(offset, offset + length);

describe('a framed record', () => {
  it('comes back as written', () => {
    const record = sealedRecord(recordTypes.change, Buffer.from('payload'), seed, 0);
    expect(recordAt(over(record), 0, record.length, seed)).toMatchObject({
      version: recordVersion,
      type: recordTypes.change,
      length: frameBytes + 7,
    });
  });

  it('is refused when any one bit of it changed', () => {
    const record = sealedRecord(recordTypes.change, Buffer.from('payload'), seed, 0);
    for (let bit = 0; bit < record.length * 8; bit += 1) {
      const damaged = Buffer.from(record);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(recordAt(over(damaged), 0, damaged.length, seed)).toBeNull();
    }
  });

  it('is refused at every length but its whole', () => {
    const record = sealedRecord(recordTypes.change, Buffer.from('payload'), seed, 0);
    for (let length = 0; length < record.length; length += 1) expect(recordAt(over(record), 0, length, seed)).toBeNull();
  });

  it('is refused at another place or in another segment', () => {
    const record = sealedRecord(recordTypes.change, Buffer.from('payload'), seed, 0);
    const moved = Buffer.concat([Buffer.alloc(64), record]);
    expect(recordAt(over(moved), 64, moved.length, seed)).toBeNull();
    expect(recordAt(over(record), 0, record.length, segmentSeed('journal', 8))).toBeNull();
    expect(recordAt(over(record), 0, record.length, segmentSeed('content', 7))).toBeNull();
  });

  it('is found behind damage of any length', () => {
    for (const gap of [1, 5, 4_000, 65_529, 65_530, 65_536, 200_000]) {
      const record = sealedRecord(recordTypes.change, Buffer.from('payload'), seed, gap);
      const bytes = Buffer.concat([Buffer.alloc(gap, 0xff), record]);
      expect(nextRecordAfter(over(bytes), 0, bytes.length, seed)?.offset).toBe(gap);
    }
  });
});

describe('payloads', () => {
  it('give the entries of an injection as they were accepted', () => {
    const region = new Region(Buffer.alloc(0));
    const offered = injection(3, { recipients: 4 });
    putAccept(region, offered);
    const head = acceptHead(region.used());
    expect(head).toMatchObject({ messageId: offered.messageId, recipients: 4 });
    const body = acceptBody(region.used());
    const entries = [0, 1, 2, 3].map((index) => entryOf(head, body, index, null));
    expect(entries).toEqual(acceptedEntries(offered, head.content));
    expect(entryOf(head, body, 4, null)).toBeNull();
  });

  it('give what was asked for a message, with its first attempt not before its time', () => {
    const window = { days: ['mon' as const], from: '08:00', to: '20:00', zone: 'Europe/Berlin' };
    const tls = { requireTls: false, tlsOptional: true };
    const asked = { ret: 'HDRS' as const, envid: 'e+1', ...tls, notBefore: 7_000, ownExpiry: true, window, reportOn: 'm.1' };
    const offered = { ...injection(3), options: asked };
    const region = new Region(Buffer.alloc(0));
    putAccept(region, offered);
    const head = acceptHead(region.used());
    const entry = entryOf(head, acceptBody(region.used()), 0, null);
    expect(entry).toMatchObject({ options: asked, dueAt: 7_000 });
    expect([entry]).toEqual(acceptedEntries(offered, head.content));
  });

  it('are read as written before there were options and reports of delay', () => {
    const region = new Region(Buffer.alloc(0));
    putAccept(region, injection(3));
    const old = acceptBody(region.used());
    expect(old.length).toBe(11);
    const entry = entryOf(acceptHead(region.used()), old, 0, [0, 2, 9_000, 'source', true]);
    expect(entry).toMatchObject({ options: null, attempts: 2, dueAt: 9_000, dotSent: true, delayReported: false });
  });

  it('give the change of an outcome', () => {
    const change = new Region(Buffer.alloc(1));
    putChange(change, retried('message-1.17', 5, 12_345));
    expect(changeHead(change.used())).toMatchObject({ kind: 'retry', messageId: 'message-1', index: 17 });
    expect(changeState(change.used())).toEqual([17, 5, 12_345, 'source', true, false]);
    const end = new Region(Buffer.alloc(1));
    putChange(end, ended('message-1.0'));
    expect(changeHead(end.used()).kind).toBe('end');
    expect(changeState(end.used())).toBeNull();
  });

  it('give every octet of a content', () => {
    const region = new Region(Buffer.alloc(3));
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
    const { facts } = injection(1);
    putContent(region, facts, bytes);
    const content = contentOf(region.used());
    expect(content.facts).toEqual(facts);
    expect(content.bytes.equals(bytes)).toBe(true);
  });
});
