// Scripted dialogues between our session and a server, for tests: what the server says, what we must have said, what came of it.
import { expect } from 'vitest';
import { defaultDeliverySettings, type DeliverySettings } from '@sluice/contract';
import type { Login } from '../smtp/login.ts';
import { ClientSession } from '../smtp/session.ts';
import type { SessionAction } from '../smtp/session-action.ts';
import type { RecipientResult, TransactionRequest } from '../smtp/transaction.ts';

export const ehlo = (...keywords: string[]) =>
  ['mx.example', ...keywords].map((word, index) => `250${index === keywords.length ? ' ' : '-'}${word}\r\n`).join('');
export const pipelining = ehlo('PIPELINING', '8BITMIME', 'SIZE 1000');
export const message = Buffer.from('From: a@b.example\r\n\r\n.dot\r\n');
export const wireMessage = 'From: a@b.example\r\n\r\n..dot\r\n.\r\n';

export const request = (recipients: string[], more: Partial<TransactionRequest> = {}): TransactionRequest => ({
  sender: 's@x.example',
  recipients: recipients.map((address) => ({ address, dsn: null })),
  chunks: [message],
  eightBit: false,
  utf8: false,
  ...more,
});

export type Step =
  | { server: string }
  | { client: string }
  | { begin: TransactionRequest }
  /** At the next go-ahead this envelope follows the message. */
  | { behind: TransactionRequest }
  | { results: (string | { kind?: string; phase?: string; why?: string; dotSent?: boolean })[] }
  | { state: string }
  | { secured: true }
  | { quit: true }
  | { closed: true };
type Cut = (text: string) => string[];

export type Manner = { login?: Login; protocol?: 'smtp' | 'lmtp'; settings?: Partial<DeliverySettings> };

/** Plays a dialogue; `final` writes count as flushed at once. */
export function play(steps: readonly Step[], cut: Cut, wantTls = false, how: Manner = {}): void {
  const session = new ClientSession({
    ehloName: 'out.example',
    tlsWish: wantTls ? 'opportunistic' : 'never',
    settings: { ...defaultDeliverySettings, protocol: how.protocol ?? 'smtp', ...how.settings },
    login: how.login ?? null,
  });
  let wire = '';
  let behind: TransactionRequest | null = null;
  const results: RecipientResult[][] = [];
  const take = (actions: SessionAction[]) => {
    for (const action of actions) {
      if (action.kind === 'write') wire += [...action.chunks, action.behind ?? ''].map((chunk) => Buffer.from(chunk).toString()).join('');
      if (action.kind === 'write' && action.final) session.flushed();
      if (action.kind === 'results') results.push(action.results);
      if (action.kind === 'go_ahead') {
        const next = behind;
        behind = null;
        take(session.send(next));
      }
    }
  };
  for (const step of steps) {
    if ('server' in step) for (const piece of cut(step.server)) take(session.receive(Buffer.from(piece)));
    else if ('begin' in step) take(session.begin(step.begin));
    else if ('behind' in step) behind = step.behind;
    else if ('secured' in step) take(session.secured());
    else if ('quit' in step) take(session.quit());
    else if ('closed' in step) take(session.closed('gone'));
    else if ('state' in step) expect(session.state).toBe(step.state);
    else if ('client' in step) {
      expect(wire).toBe(step.client);
      wire = '';
    } else {
      expect(results.shift()?.map((result, index) => (typeof step.results[index] === 'string' ? result.kind : result))).toMatchObject(
        step.results,
      );
    }
  }
}

/** Every server text at once, octet by octet, and cut once at each position. */
export function playAllCuts(steps: readonly Step[], wantTls = false, how: Manner = {}): void {
  const longest = Math.max(...steps.map((step) => ('server' in step ? step.server.length : 0)));
  play(steps, (text) => [text], wantTls, how);
  play(steps, (text) => text.split(''), wantTls, how);
  for (let at = 1; at < longest; at += 1)
    play(steps, (text) => [text.slice(0, at), text.slice(at)].filter((piece) => piece !== ''), wantTls, how);
}

export const ready: Step[] = [{ server: '220 hi\r\n' }, { client: 'EHLO out.example\r\n' }, { server: pipelining }, { state: 'ready' }];
export const plainReady: Step[] = [{ server: '220 hi\r\n' }, { client: 'EHLO out.example\r\n' }, { server: ehlo() }, { state: 'ready' }];
export const envelope = (count: number) =>
  `MAIL FROM:<s@x.example> SIZE=${message.length}\r\n${Array.from({ length: count }, (_, index) => `RCPT TO:<r${index}@y.example>\r\n`).join('')}DATA\r\n`;
