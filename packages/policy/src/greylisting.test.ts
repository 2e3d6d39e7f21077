import { expect, it } from 'vitest';
import { isGreylisting } from './greylisting.ts';

const said = (code: number, text: string, command: 'rcpt' | 'greeting' = 'rcpt', replyRule?: string) =>
  isGreylisting({ kind: 'deferred', reply: { code, enhanced: null, text, command }, ...(replyRule !== undefined && { replyRule }) });

it('is known by the words of those who do it, and by the rule of a provider', () => {
  expect(said(450, '<jo@x.example>: Recipient address rejected: Greylisted, see http://postgrey.example/help')).toBe(true);
  expect(said(451, 'Greylisting in action, please come back in 5 seconds')).toBe(true);
  expect(said(451, 'Grey-listed')).toBe(true);
  expect(said(451, 'Service unavailable, come back later', 'rcpt', 'yandex.greylist')).toBe(true);
});

it('is no other deferral, no refusal for good and nothing that was said before any mail', () => {
  expect(said(451, 'Service unavailable, come back later')).toBe(false);
  expect(said(451, 'too fast', 'rcpt', 'gmail.ip-rate')).toBe(false);
  expect(said(550, 'greylisted for ever')).toBe(false);
  expect(said(421, 'greylisted', 'greeting')).toBe(false);
  expect(isGreylisting({ kind: 'delivered', reply: null })).toBe(false);
});
