// What the scopes of an API key allow.
import { expect, test } from 'vitest';
import { inScopes } from './scopes.ts';

test.each([
  [['sources:read'], 'sources.list', 'read', true],
  [['sources:read'], 'sources.create', 'write', false],
  [['sources:write'], 'sources.list', 'read', false],
  [['sources:write'], 'sources.setEnabled', 'act', false],
  [['*:read'], 'sources.list', 'read', true],
  [['*:read'], 'sources.create', 'write', false],
  [['*:act'], 'commands.issue', 'act', true],
  [['source:read', 'sourcesX:read'], 'sources.list', 'read', false],
  [[], 'sources.list', 'read', false],
  [[], 'session.me', 'read', true],
  [[], 'session.end', 'write', false],
] as const)('%j allows %s (%s): %s', (scopes, path, verb, allowed) => {
  expect(inScopes(scopes, path, verb)).toBe(allowed);
});
