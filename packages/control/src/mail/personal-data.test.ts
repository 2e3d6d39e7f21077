// What is left of an address for those who have no grant, in every place in which one can stand.
import { expect, test } from 'vitest';
import { maskedAddress, maskedText, shown } from './personal-data.ts';

test.each([
  ['anna@example.com', 'a***@example.com'],
  ['a@example.com', '***@example.com'],
  ['"an na"@example.com', 'a***@example.com'],
  ['jürgen@bücher.example', 'j***@bücher.example'],
  ['anna@odd@example.com', 'a***@example.com'],
  ['😀smile@example.com', '😀***@example.com'],
  ['anna', '***'],
  ['', ''],
])('%s becomes %s', (address, masked) => expect(maskedAddress(address)).toBe(masked));

test.each([
  ['550 5.1.1 <anna@example.com>: unknown', '550 5.1.1 <a***@example.com>: unknown'],
  ['RCPT TO:<anna.b+x@example.com> NOTIFY=NEVER', 'RCPT TO:<a***@example.com> NOTIFY=NEVER'],
  ['no such user "anna b"@example.com', 'no such user a***@example.com'],
  ['from news+anna=example.com@sender.example to bo@example.com', 'from n***@sender.example to b***@example.com'],
  ['anna@[192.0.2.1] is off', 'a***@[192.0.2.1] is off'],
  ['mail at noon @ the office', 'mail at noon @ the office'],
  ['anna@example.com,bo@example.com', 'a***@example.com,b***@example.com'],
  ['@example.com', '@example.com'],
  ['nothing here', 'nothing here'],
])('the text %j becomes %j', (text, masked) => expect(maskedText(text)).toBe(masked));

test('a long hostile text is masked in a bounded time', () => {
  for (const text of ['@'.repeat(100_000), 'a'.repeat(100_000), 'a@'.repeat(50_000), `${'"'.repeat(50_000)}@x`]) {
    const startedMs = performance.now();
    maskedText(text);
    expect(performance.now() - startedMs).toBeLessThan(500);
  }
});

const reply = (text: string) => ({ code: 550, enhanced: '5.1.1', text, command: 'rcpt' as const });

test('without the grant a reply names nobody, with it nothing is changed', () => {
  const said = reply('user Anna is not here; ask annabel or ANNA');
  expect(shown({ personalData: false }).reply(said, ['anna@example.com'])).toEqual(reply('user *** is not here; ask annabel or ***'));
  expect(shown({ personalData: true }).reply(said, ['anna@example.com'])).toBe(said);
});

test('a bounce address that carries the recipient is masked, any other sender is not', () => {
  const { sender } = shown({ personalData: false });
  expect(sender('news@brand.example', 'anna@example.com')).toBe('news@brand.example');
  expect(sender('bounce+anna=example.com@brand.example', 'anna@example.com')).toBe('b***@brand.example');
  expect(sender('b-anna-17@brand.example', 'anna@example.com')).toBe('b***@brand.example');
  expect(sender(null, 'anna@example.com')).toBeNull();
});

test('of a session with very many recipients only the codes of replies are shown', () => {
  const { text } = shown({ personalData: false });
  const many = Array.from({ length: 21 }, (_, at) => `person${at}@example.com`);
  expect(text('550 5.1.1 person7 is unknown', many)).toBe('550 5.1.1 ***');
  expect(text('RCPT TO:<person7@example.com>', many)).toBe('RCPT TO:<p***@example.com>');
  expect(text('550 5.1.1 person7 is unknown', many.slice(0, 8))).toBe('550 5.1.1 *** is unknown');
});

test('what is not there stays so', () => {
  const { address, text, reply: replied } = shown({ personalData: false });
  expect([address(null), text(null), replied(null)]).toEqual([null, null, null]);
});
