// What operators type to find mail, and what it means.
import { expect, test } from 'vitest';
import { recipientFilter } from './recipient-filter.ts';

test('an address is found whatever its case', () => {
  expect(recipientFilter('Ann.Lee@Gmail.COM')).toEqual({ domain: 'gmail.com', address: 'ann.lee@gmail.com' });
});
test('a domain alone finds all of it', () => {
  expect(recipientFilter('@Example.org.')).toEqual({ domain: 'example.org', address: null });
});
test('a domain in Unicode finds its A-labels', () => {
  expect(recipientFilter('a@bücher.example')).toEqual({ domain: 'xn--bcher-kva.example', address: 'a@xn--bcher-kva.example' });
});
test('an at sign in a quoted local part is not the last one', () => {
  expect(recipientFilter('"a@b"@example.org')).toEqual({ domain: 'example.org', address: '"a@b"@example.org' });
});
test('an address literal is matched as it stands', () => {
  expect(recipientFilter('a@[192.0.2.1]')).toEqual({ domain: '[192.0.2.1]', address: 'a@[192.0.2.1]' });
});
