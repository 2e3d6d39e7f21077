// From greeting to ready: what each reply leads to before the first transaction. EHLO (HELO, with LMTP LHLO) -> STARTTLS -> EHLO -> AUTH.
// Pure: the session holds the state and does what a step says. RFC 5321 section 3.2, RFC 3207, RFC 4954, RFC 2033.
import type { Capabilities } from './capabilities.ts';
import { ehloLine } from './commands.ts';
import { planLogin, type Login } from './login.ts';
import type { SmtpReply } from './reply.ts';
import type { TlsWish } from './session-action.ts';
import { notUnderstood, type SessionState } from './session-state.ts';
import type { Breakage } from './transaction.ts';

export type SetupState = Extract<SessionState, { name: 'greeting' | 'ehlo' | 'helo' | 'starttls' | 'auth' }>;
export type SetupStep =
  | { kind: 'say'; state: SessionState; line: string }
  | { kind: 'upgrade' }
  | { kind: 'ready' }
  | { kind: 'fail'; why: Breakage['why']; reply: SmtpReply | null; detail: string };
export type SetupFacts = {
  ehloName: string;
  lmtp: boolean;
  tlsWish: TlsWish;
  login: Login | null;
  /** TLS is up. */
  secured: boolean;
  /** What the server offers now. */
  peer: Capabilities;
};

const refused = (reply: SmtpReply | null, detail: string, why: Breakage['why'] = 'protocol'): SetupStep => ({
  ...{ kind: 'fail', why, reply, detail },
});

/** The first command, and the first within TLS. */
export function hello({ ehloName, lmtp }: Pick<SetupFacts, 'ehloName' | 'lmtp'>): string {
  return ehloLine(lmtp ? 'LHLO' : 'EHLO', ehloName);
}

/** What a reply in one of the states of set-up leads to. `more`: further bytes came with it. */
export function setupStep(state: SetupState, reply: SmtpReply, more: boolean, facts: SetupFacts): SetupStep {
  const good = reply.code < 300;
  switch (state.name) {
    case 'greeting':
      return good ? { kind: 'say', state: { name: 'ehlo' }, line: hello(facts) } : refused(reply, 'the server does not greet us');
    case 'ehlo':
      return good ? afterHello(facts) : afterRefusedHello(reply, facts);
    case 'helo':
      return good ? beforeReady(facts) : refused(reply, 'the server refuses HELO');
    case 'starttls':
      // A refusal is no reason to keep the mail where plaintext would do. RFC 7435 section 3
      if (!good) return facts.tlsWish === 'opportunistic' ? beforeReady(facts) : refused(reply, 'the server refuses STARTTLS', 'tls');
      // Bytes sent in the clear after this reply would be read as if they came through TLS. RFC 3207 section 6
      return more ? refused(reply, 'bytes follow the reply to STARTTLS') : { kind: 'upgrade' };
    case 'auth': {
      const [line, ...unsent] = state.unsent;
      if (reply.code === 334 && line !== undefined) return { kind: 'say', state: { name: 'auth', unsent }, line };
      return reply.code === 235 ? { kind: 'ready' } : refused(reply, 'the server refuses our login');
    }
  }
}

function afterHello(facts: SetupFacts): SetupStep {
  if (facts.tlsWish === 'never' || facts.secured || !facts.peer.startTls) return beforeReady(facts);
  return { kind: 'say', state: { name: 'starttls' }, line: 'STARTTLS\r\n' };
}

/** "Command unknown" in its dialects is worth a HELO, any other refusal of EHLO is a refusal. RFC 5321 section 3.2 */
function afterRefusedHello(reply: SmtpReply, { ehloName, lmtp }: SetupFacts): SetupStep {
  if (lmtp || !notUnderstood.has(reply.code)) return refused(reply, `the server refuses ${lmtp ? 'LHLO' : 'EHLO'}`);
  return { kind: 'say', state: { name: 'helo' }, line: ehloLine('HELO', ehloName) };
}

function beforeReady({ tlsWish, secured, login, peer }: SetupFacts): SetupStep {
  // Whoever sits in between can remove the offer: where TLS is a must, no offer is no delivery. RFC 8461 section 10.1, RFC 7672 section 2.2
  if (tlsWish === 'always' && !secured) return refused(null, 'the server does not offer STARTTLS', 'tls');
  if (!login) return { kind: 'ready' };
  const plan = planLogin(login, peer, secured);
  return plan.ok ? { kind: 'say', state: { name: 'auth', unsent: plan.rest }, line: plan.first } : refused(null, plan.detail);
}
