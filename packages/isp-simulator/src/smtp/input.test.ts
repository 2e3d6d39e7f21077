// The receiver's reading of bytes must not depend on how the network cut them.
import { describe, expect, test } from 'vitest';
import { SmtpInput, type InputItem } from './input.ts';

function readAll(bytes: Buffer, cut: number, maxBytes = 1000): InputItem[] {
  const input = new SmtpInput();
  const items: InputItem[] = [];
  for (let at = 0; at < bytes.length; at += cut) {
    input.push(bytes.subarray(at, at + cut));
    for (let item = input.next(); item; item = input.next()) {
      items.push(item);
      if (item.kind === 'line' && item.line === 'DATA') input.expectData(maxBytes);
    }
  }
  return items;
}
const data = (text: string): InputItem => ({ kind: 'data', bytes: Buffer.from(text) });
const line = (text: string): InputItem => ({ kind: 'line', line: text });

describe.each([1, 2, 3, 5, 7, 1000])('cut into pieces of %i octets', (cut) => {
  test('takes a message between commands and undoes the doubling of dots', () => {
    const wire = 'MAIL\r\nDATA\r\n..a\r\nb.\r\n...\r\n.x\r\n\r\n.\r\nQUIT\r\n';
    expect(readAll(Buffer.from(wire), cut)).toEqual([line('MAIL'), line('DATA'), data('.a\r\nb.\r\n..\r\nx\r\n\r\n'), line('QUIT')]);
  });

  test('takes an empty message, and one that follows at once', () => {
    expect(readAll(Buffer.from('DATA\r\n.\r\nDATA\r\nx\r\n.\r\nQUIT\r\n'), cut)).toEqual([
      line('DATA'),
      data(''),
      line('DATA'),
      data('x\r\n'),
      line('QUIT'),
    ]);
  });

  test('does not end a message at a dot between bare line feeds', () => {
    expect(readAll(Buffer.from('DATA\r\na\n.\nb\r\n.\n\r\n.\r\n'), cut)).toEqual([line('DATA'), data('a\n.\nb\r\n\n\r\n')]);
  });

  test('reads a message over the limit to its end and keeps none of it', () => {
    const wire = `DATA\r\n${'x'.repeat(1001)}\r\n.\r\nNOOP\r\n`;
    expect(readAll(Buffer.from(wire), cut)).toEqual([line('DATA'), { kind: 'data_too_long' }, line('NOOP')]);
  });

  test('answers an over-long line once and reads on after it', () => {
    expect(readAll(Buffer.from(`${'y'.repeat(9000)}\r\nNOOP\r\n`), cut)).toEqual([{ kind: 'line_too_long' }, line('NOOP')]);
  });
});

test('says whether something was sent ahead of a TLS handshake', () => {
  const input = new SmtpInput();
  input.push(Buffer.from('STARTTLS\r\nMAIL FROM:<a@b.example>\r\n'));
  expect(input.next()).toEqual(line('STARTTLS'));
  expect(input.clear()).toBe(true);
  expect(input.next()).toBeNull();
  expect(input.clear()).toBe(false);
});
