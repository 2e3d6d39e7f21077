// Who listens to a session: told every command line that leaves, every reply that came and how it ended, each with the transaction that it
// belongs to, so that one operator's trace never shows another's mail. Messages are told by their size. What we log in with never gets
// here: neither as we send it nor as a server repeats it.
import type { Login } from './login.ts';
import type { ParsedReply } from './reply.ts';
import type { SessionState } from './session-state.ts';
import type { Breakage, TransactionRequest } from './transaction.ts';

/** `about` null: set-up, or what stands between two transactions. */
export interface SessionListener {
  sent(lines: readonly string[], about: TransactionRequest | null): void;
  sentMessage(request: TransactionRequest, chunked: boolean): void;
  received(item: ParsedReply, about: TransactionRequest | null): void;
  failed(breakage: Breakage, about: TransactionRequest | null): void;
}

const MASK = '***';

/** A line of AUTH without what is secret in it: user name, password and both in one. RFC 4954 section 4 */
export function maskedLogin(line: string): string {
  const mechanism = /^AUTH [A-Z0-9_-]{1,20}/.exec(line)?.[0];
  if (mechanism === undefined) return MASK;
  return line.trimEnd().length > mechanism.length ? `${mechanism} ${MASK}` : mechanism;
}

/** The transaction that a reply in this state is about. What answers RSET may speak of what came before it. */
export function aboutOf(state: SessionState): TransactionRequest | null {
  if (!('transaction' in state)) return null;
  if (state.name === 'envelope' && state.awaiting[0]?.command === 'rset') return null;
  return state.transaction.request;
}

/** What came, without our password should the server repeat it in one of its forms. */
export function withoutLogin(item: ParsedReply, login: Login | null): ParsedReply {
  if (!login) return item;
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const { username, password } = login;
  const secrets = [password, base64(password), base64(`\0${username}\0${password}`)].filter((text) => text !== '');
  const clean = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  if (item.kind === 'nonsense') return { ...item, text: clean(item.text) };
  return { kind: 'reply', reply: { ...item.reply, lines: item.reply.lines.map(clean) } };
}
