// What the search box takes.
import { expect, test } from 'vitest';
import { searchProblem } from './search.ts';

test('a whole address, a domain and nothing can be searched for', () => {
  for (const text of ['', 'a@b.example', '@b.example', 'first.last+tag@xn--bcher-kva.example']) expect(searchProblem(text)).toBeNull();
});
test('half an address or two of them cannot', () => {
  for (const text of ['someone', 'a@', 'a b@c.example', 'a@b@c', '<a@b.example>']) expect(searchProblem(text)).not.toBeNull();
});
