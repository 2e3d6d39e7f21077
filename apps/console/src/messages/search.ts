// What may be searched for: a whole address or `@domain`.

/** Why this cannot be searched for, or null. Empty means: everything. */
export function searchProblem(text: string): string | null {
  if (text === '' || /^[^\s@<>]{0,256}@[^\s@<>]{1,255}$/.test(text)) return null;
  return 'Write a whole address such as someone@example.com, or @example.com for a domain.';
}
