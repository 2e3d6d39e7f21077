// Servers that say anything at all: whatever comes, each recipient of each transaction gets exactly one result, and a message counts as
// delivered only when a 2xx followed it.
import { expect, it } from 'vitest';
import { pick, seeded, type Rng } from '../message/testing.ts';
import { ehlo, request } from '../testing/smtp-dialogue.ts';
import { defaultDeliverySettings } from '@sluice/contract';
import { ClientSession } from './session.ts';
import type { SessionAction } from './session-action.ts';
import type { RecipientResult } from './transaction.ts';

/** What a well-behaved server says to a command, or to the message when no command is open. */
const sensible = (command: string | undefined) =>
  command?.startsWith('DATA') ? '354 go\r\n' : command?.startsWith('EHLO') ? ehlo('PIPELINING', 'CHUNKING') : '250 2.0.0 ok\r\n';
const unlikely = [
  '550 5.1.1 no\r\n',
  '450 4.2.0 later\r\n',
  '421 bye\r\n',
  '220 hi\r\n',
  '354 go\r\n',
  '503 what\r\n',
  '250',
  '\r\n',
  'x\r\n',
  '250 ok\r\n250 ok\r\n',
  '\u0000',
  '221 bye\r\n',
  '334 x\r\n',
];

type Life = { results: RecipientResult[][]; begun: number; chained: number; sentFinal: number };

function live(rng: Rng): Life {
  const session = new ClientSession({
    login: null,
    ehloName: 'out.example',
    tlsWish: rng() < 0.3 ? 'opportunistic' : 'never',
    settings: { ...defaultDeliverySettings, chunking: rng() < 0.3 },
  });
  const seen: Life = { results: [], begun: 0, chained: 0, sentFinal: 0 };
  const open: string[] = [];
  const take = (actions: SessionAction[]) => {
    for (const action of actions) {
      if (action.kind === 'results') seen.results.push(action.results);
      if (action.kind === 'go_ahead') {
        const next = rng() < 0.7 ? request(['a@y.example', 'b@y.example', 'c@y.example']) : null;
        take(session.send(next));
        if (next && session.followed) {
          seen.begun += 1;
          seen.chained += 1;
        }
      }
      if (action.kind === 'upgrade') take(session.secured());
      if (action.kind !== 'write') continue;
      if (!action.final) {
        open.push(...Buffer.concat(action.chunks).toString().split('\r\n').slice(0, -1));
        continue;
      }
      seen.sentFinal += 1;
      open.unshift('.');
      open.push(
        ...Buffer.from(action.behind ?? '')
          .toString()
          .split('\r\n')
          .slice(0, -1),
      );
      if (rng() < 0.9) session.flushed();
    }
  };
  take(session.receive(Buffer.from('220 hi\r\n')));
  open.length = 0;
  take(session.receive(Buffer.from(rng() < 0.5 ? ehlo('PIPELINING', 'CHUNKING', 'STARTTLS') : ehlo('CHUNKING', 'STARTTLS'))));

  for (let step = 0; step < 60 && session.state !== 'ended'; step += 1) {
    if (session.state === 'ready' && rng() < 0.9) {
      seen.begun += 1;
      take(session.begin(request(['a@y.example', 'b@y.example', 'c@y.example'])));
    } else if (rng() < 0.01) take(session.timedOut());
    else take(session.receive(Buffer.from(rng() < 0.93 ? sensible(open.shift()) : pick(rng, unlikely))));
  }
  take(session.closed('over'));
  expect(session.state).toBe('ended');
  return seen;
}

it('gives every recipient exactly one result in 2,000 random lives', () => {
  let delivered = 0;
  let open = 0;
  let chained = 0;
  let unanswered = 0;
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const life = live(seeded(seed));
    expect({ seed, results: life.results.length, each: life.results.every((results) => results.length === 3) }).toEqual({
      seed,
      results: life.begun,
      each: true,
    });
    const accepting = life.results.filter((results) => results.some((result) => result.kind === 'accepted'));
    const uncertain = life.results.filter((results) => results.some((result) => result.kind === 'broken' && result.dotSent));
    expect(accepting.length + uncertain.length).toBeLessThanOrEqual(life.sentFinal);
    delivered += accepting.length;
    open += uncertain.length;
    chained += life.chained;
    unanswered += life.results.filter((results) => results.every((result) => result.kind === 'unanswered')).length;
  }
  // The lives are varied enough to mean something.
  expect([delivered > 500, open > 50, chained > 500, unanswered > 50]).toEqual([true, true, true, true]);
});
