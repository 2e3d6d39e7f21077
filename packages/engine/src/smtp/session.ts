// A client session as a machine without sockets: bytes, timeouts and requests go in, actions come out. greeting -> EHLO (HELO) ->
// STARTTLS -> EHLO -> AUTH -> transactions -> QUIT. The connection in deliver/ performs the actions and owns time. RFC 5321, RFC 2920.
import type { DeliverySettings } from '@sluice/contract';
import { noCapabilities, readCapabilities, type Capabilities } from './capabilities.ts';
import type { Login } from './login.ts';
import { ReplyParser, type SmtpReply } from './reply.ts';
import { actionsOfEnd, flight, linesOf, messageFlight, resultsOf, type SessionAction, type TlsWish } from './session-action.ts';
import { aboutOf, maskedLogin, withoutLogin, type SessionListener } from './session-listener.ts';
import { hello, setupStep, type SetupFacts, type SetupState } from './session-setup.ts';
import {
  answers,
  notUnderstood,
  owedReplies,
  phaseOf,
  suspectsChaining,
  timeoutOf,
  transitions,
  type SessionState,
} from './session-state.ts';
import { Transaction, type Breakage, type PlannedCommand, type TransactionRequest } from './transaction.ts';

const SHUTDOWN = 421; // RFC 5321 section 3.8

export class ClientSession {
  readonly #setup: Pick<SetupFacts, 'ehloName' | 'lmtp' | 'tlsWish' | 'login'>;
  readonly #settings: DeliverySettings;
  #parser = new ReplyParser();
  #state: SessionState = { name: 'greeting' };
  #peer: Capabilities = noCapabilities;
  #secured = false;
  /** An unfinished transaction may be open at the peer. */
  #needsReset = false;
  /** The peer could not cope with an envelope behind a message, or so it looks. */
  chainTrouble = false;
  /** Whole replies taken so far; octets of an unfinished one are no progress. */
  replies = 0;
  /** Is told what goes over the wire; undefined where nobody asked. */
  listener: SessionListener | undefined = undefined;

  constructor(options: { ehloName: string; tlsWish: TlsWish; settings: DeliverySettings; login: Login | null }) {
    const { ehloName, tlsWish, settings, login } = options;
    this.#setup = { ehloName, tlsWish, login, lmtp: settings.protocol === 'lmtp' };
    this.#settings = settings;
  }

  get state(): SessionState['name'] {
    return this.#state.name;
  }

  get capabilities(): Capabilities {
    return this.#peer;
  }

  /** How long to wait in this state without anything coming in; null while we owe nothing and are owed nothing. */
  get timeoutMs(): number | null {
    return timeoutOf(this.#state, this.#settings);
  }

  /** Whether the next envelope may leave behind a message. RFC 2920 section 3.1 */
  get chains(): boolean {
    if (!this.#pipelines || this.#setup.lmtp || this.chainTrouble || this.#state.name === 'ended') return false;
    return this.#settings.chaining && (this.#settings.reset || !this.#chunks);
  }

  /** Whether an envelope left behind the message under way. */
  get followed(): boolean {
    return this.#state.name === 'body' && this.#state.following !== null;
  }

  /** Messages go by BDAT. RFC 3030 */
  get #chunks(): boolean {
    return this.#peer.chunking && this.#settings.chunking && !this.#setup.lmtp;
  }

  get #pipelines(): boolean {
    return this.#peer.pipelining && this.#settings.pipelining;
  }

  /** Ready, but only a reset would make it fit for another transaction, and that is not wanted. */
  get spent(): boolean {
    return this.#needsReset && !this.#settings.reset;
  }

  /** Bytes from the peer. */
  receive(bytes: Uint8Array): SessionAction[] {
    const actions: SessionAction[] = [];
    const parsed = this.#parser.push(bytes);
    this.replies += parsed.length;
    let owed = owedReplies(this.#state);
    for (const [index, item] of parsed.entries()) {
      if (this.#state.name === 'ended') break;
      this.listener?.received(withoutLogin(item, this.#setup.login), aboutOf(this.#state));
      if (item.kind === 'nonsense') actions.push(...this.#fail('protocol', null, item.detail));
      else if (item.reply.code === SHUTDOWN && this.#state.name !== 'quitting')
        actions.push(...this.#fail('shutdown', item.reply, 'the server closes the connection'));
      // A reply that nothing asked for means that we no longer know which reply answers what.
      else if (owed === 0) actions.push(...this.#fail('protocol', item.reply, 'a reply came that answers no command'));
      else actions.push(...this.#reply(item.reply, index < parsed.length - 1 || this.#parser.partial));
      owed -= 1;
    }
    return actions;
  }

  /** The peer closed, or the socket failed. */
  closed(detail: string): SessionAction[] {
    return this.#fail('closed', null, detail);
  }

  /** `timeoutMs` passed without progress. */
  timedOut(): SessionAction[] {
    return this.#fail('timeout', null, `no reply to ${phaseOf(this.#state)} in time`);
  }

  /** TLS is up. What was learnt before is forgotten. RFC 3207 section 4.2. */
  secured(): SessionAction[] {
    this.#parser = new ReplyParser();
    this.#peer = noCapabilities;
    this.#secured = true;
    this.#enter({ name: 'ehlo' });
    return this.#say([hello(this.#setup)], null);
  }

  /** The kernel took the whole message, final dot included. */
  flushed(): void {
    if (this.#state.name === 'body') this.#state.flushed = true;
  }

  /** The rest of the message under way cannot be read: its end must not be sent, so the session ends here. */
  contentLost(detail: string): SessionAction[] {
    return this.#fail('content', null, detail);
  }

  /** Starts a transaction; only in state `ready`. */
  begin(request: TransactionRequest): SessionAction[] {
    if (this.#state.name !== 'ready') throw new Error(`a transaction cannot begin in state ${this.#state.name}`);
    const transaction = new Transaction(request, this.#peer, this.#needsReset ? 'unfinished' : 'nothing', this.#chunks);
    const [first, ...rest] = transaction.plan;
    if (!first) return [{ kind: 'results', results: transaction.results() }];
    this.#needsReset = true;
    const together = this.#pipelines;
    this.#enter({ name: 'envelope', transaction, awaiting: together ? [...transaction.plan] : [first], unsent: together ? [] : rest });
    return this.#say(together ? linesOf(transaction.plan) : [first.line], request);
  }

  /** Sends the message after `go_ahead`, and where the session chains, the envelope of `next` behind it; then `followed` is true. */
  send(next: TransactionRequest | null): SessionAction[] {
    const state = this.#state;
    if (state.name !== 'go_ahead') throw new Error(`a message cannot be sent in state ${state.name}`);
    const { transaction } = state;
    const transactionAfter = next && this.chains ? new Transaction(next, this.#peer, 'message', this.#chunks) : null;
    const plan = transactionAfter?.plan ?? [];
    const following = transactionAfter && plan.length > 0 ? { transaction: transactionAfter, awaiting: [...plan] } : null;
    if (this.#setup.lmtp) transaction.expectOneEach();
    this.#enter({ name: 'body', transaction, flushed: false, following });
    this.listener?.sentMessage(transaction.request, transaction.chunked);
    if (following) this.listener?.sent(linesOf(plan), following.transaction.request);
    return [messageFlight(transaction, plan)];
  }

  quit(): SessionAction[] {
    if (this.#state.name !== 'ready') return this.#fail('closed', null, 'closed by us');
    this.#enter({ name: 'quitting' });
    return this.#say(['QUIT\r\n'], null);
  }

  #say(lines: readonly string[], about: TransactionRequest | null): SessionAction[] {
    this.listener?.sent(lines, about);
    return [flight(lines)];
  }

  #enter(state: SessionState): void {
    if (!transitions[this.#state.name].includes(state.name)) throw new Error(`session cannot go from ${this.#state.name} to ${state.name}`);
    this.#state = state;
  }

  /** Ends the session whatever it is doing, and says what that means for whoever waits. */
  #fail(why: Breakage['why'], reply: SmtpReply | null, detail: string): SessionAction[] {
    const state = this.#state;
    if (state.name === 'ended') return [];
    const breakage: Breakage = { phase: phaseOf(this.#state), why, reply, detail };
    if (suspectsChaining(state, why)) this.chainTrouble = true;
    this.listener?.failed(breakage, aboutOf(state));
    this.#enter({ name: 'ended' });
    return actionsOfEnd(state, breakage);
  }

  /** One expected reply. `more`: further bytes came with it. */
  #reply(reply: SmtpReply, more: boolean): SessionAction[] {
    const state = this.#state;
    switch (state.name) {
      case 'greeting':
      case 'ehlo':
      case 'helo':
      case 'starttls':
      case 'auth':
        return this.#setUp(state, reply, more);
      case 'envelope':
        return this.#afterEnvelope(state, reply, more);
      case 'body':
        return this.#afterBody(state, reply);
      case 'void':
        this.#enter({ name: 'ready' });
        return [{ kind: 'results', results: state.transaction.results() }];
      case 'quitting':
        this.#enter({ name: 'ended' });
        return [{ kind: 'close' }];
      default:
        return this.#fail('protocol', reply, 'a reply came that answers no command');
    }
  }

  #setUp(state: SetupState, reply: SmtpReply, more: boolean): SessionAction[] {
    if (state.name === 'ehlo' && reply.code < 300) this.#peer = readCapabilities(reply.lines);
    const step = setupStep(state, reply, more, { ...this.#setup, secured: this.#secured, peer: this.#peer });
    switch (step.kind) {
      case 'say':
        this.#enter(step.state);
        this.listener?.sent([step.state.name === 'auth' ? maskedLogin(step.line) : step.line], null);
        return [flight([step.line])];
      case 'upgrade':
        this.#enter({ name: 'handshake' });
        return [{ kind: 'upgrade' }];
      case 'ready':
        this.#enter({ name: 'ready' });
        return [{ kind: 'ready' }];
      case 'fail':
        return this.#fail(step.why, step.reply, step.detail);
    }
  }

  #afterEnvelope(state: Extract<SessionState, { name: 'envelope' }>, reply: SmtpReply, more: boolean): SessionAction[] {
    const { transaction, awaiting, unsent } = state;
    const [answered] = awaiting;
    if (!answered) return this.#fail('protocol', reply, 'a reply came that answers no command');
    const good = reply.code < 300;
    if (transaction.chained && !transaction.answered && notUnderstood.has(reply.code)) this.chainTrouble = true;
    transaction.answered = true;
    if (!answers(answered.command, reply.code))
      return this.#fail('protocol', reply, `${reply.code} is no answer to ${answered.command.toUpperCase()}`);
    if (answered.command === 'rset' && !good) return this.#fail('protocol', reply, 'the server refuses RSET');
    if (answered.command === 'data' && reply.code === 354) return this.#afterGoAhead(transaction, reply, more);
    awaiting.shift();
    transaction.answer(answered, reply);
    if (awaiting.length > 0) return [];
    if (unsent.length === 0 && transaction.chunked && transaction.hasRecipients) return this.#afterGoAhead(transaction, reply, more);
    return this.#nextCommand(transaction, awaiting, unsent);
  }

  /** Without pipelining: the next command, unless nothing is left to gain from it. */
  #nextCommand(transaction: Transaction, awaiting: PlannedCommand[], unsent: PlannedCommand[]): SessionAction[] {
    const [planned] = unsent;
    const pointless = transaction.mailRefused || (planned?.command === 'data' && !transaction.hasRecipients);
    if (!planned || pointless) {
      this.#enter({ name: 'ready' });
      return [{ kind: 'results', results: transaction.results() }];
    }
    unsent.shift();
    awaiting.push(planned);
    return this.#say([planned.line], transaction.request);
  }

  #afterGoAhead(transaction: Transaction, reply: SmtpReply, more: boolean): SessionAction[] {
    if (more) return this.#fail('protocol', reply, `bytes follow the reply to ${transaction.chunked ? 'RCPT' : 'DATA'}`);
    if (!transaction.hasRecipients) {
      this.#enter({ name: 'void', transaction });
      return this.#say(['.\r\n'], transaction.request);
    }
    this.#enter({ name: 'go_ahead', transaction });
    return [{ kind: 'go_ahead' }];
  }

  #afterBody(state: Extract<SessionState, { name: 'body' }>, reply: SmtpReply): SessionAction[] {
    const { transaction, flushed, following } = state;
    if (reply.code >= 300 && reply.code < 400) return this.#fail('protocol', reply, `${reply.code} is no answer to a message`);
    // Nobody can have taken what has not left: believing it would lose the mail.
    if (reply.code < 300 && !flushed) return this.#fail('protocol', reply, 'the server accepts the message before it is sent');
    if (transaction.answerMessage(reply) > 0) return [];
    this.#needsReset = transaction.chunked && reply.code >= 400;
    if (!flushed) {
      // Answered before the message was out: the rest of it would be read as commands.
      this.#enter({ name: 'ended' });
      return [...resultsOf(state), { kind: 'close' }];
    }
    if (following) {
      this.#needsReset = true;
      this.#enter({ name: 'envelope', ...following, unsent: [] });
    } else this.#enter({ name: 'ready' });
    return [{ kind: 'results', results: transaction.results() }];
  }
}
