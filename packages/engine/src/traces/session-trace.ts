// One connection as traces see it. A scope may name what a connection is (source, provider, site) and whose mail it carries (tenant,
// stream, campaign, domain, pool). Where it names mail, only the lines of transactions that carry such mail are told, and set-up where
// such mail stood ready for it or was carried after all: what another's mail was, and what was said of it, stays untold.
import { scopeDimensions, type CommandScope, type ScopeDimension, type TraceLineKind } from '@sluice/contract';
import type { ConnectionListener } from '../deliver/connection-listener.ts';
import type { RecipientEntry } from '../entry.ts';
import type { Clock } from '../ports.ts';
import { octetsOf, type Breakage, type ParsedReply, type TransactionRequest } from '../smtp/index.ts';
import type { RunningTrace } from './running-trace.ts';
import { codesOf, printableLine, replyLines, tlsText } from './trace-text.ts';

/** Lines of set-up that are kept for traces whose mail comes later. */
const heldLines = 100;

const connectionDimensions: ReadonlySet<ScopeDimension> = new Set<ScopeDimension>(['source', 'provider', 'site']);
export const namesMail = (scope: CommandScope): boolean =>
  scopeDimensions.some((dimension) => scope[dimension] !== undefined && !connectionDimensions.has(dimension));

type Mail = { entries: readonly RecipientEntry[]; poolId?: string | null };
type Line = { at: string; sinceMs: number; kind: TraceLineKind; text: string };
/** How one trace sees the connection. `number` null: nothing was told yet. */
type View = { trace: RunningTrace; everything: boolean; setUp: boolean; number: number | null };

function carriesOnly({ scope }: RunningTrace['order'], { entries, poolId = null }: Mail): boolean {
  const wanted = (name: string | undefined, is: string | null): boolean => name === undefined || name === is;
  if (!wanted(scope.pool, poolId)) return false;
  return entries.every(
    ({ tenantId, streamId, campaign, domain }) =>
      wanted(scope.tenant, tenantId) && wanted(scope.stream, streamId) && wanted(scope.campaign, campaign) && wanted(scope.domain, domain),
  );
}

export class SessionTrace implements ConnectionListener {
  readonly #clock: Clock;
  readonly #openedMs: number;
  readonly #over: (session: SessionTrace) => void;
  readonly #views: View[] = [];
  readonly #carried = new WeakMap<TransactionRequest, Mail>();
  readonly #setUp: Line[] = [];
  /** The transaction that was carried last, and the one that the server spoke of last. */
  #newest: TransactionRequest | null = null;
  #spokenOf: TransactionRequest | null = null;
  /** Nothing of any mail was said yet. */
  #beforeMail = true;
  #why: { text: string; about: TransactionRequest | null } | null = null;

  constructor(clock: Clock, over: (session: SessionTrace) => void) {
    this.#clock = clock;
    this.#openedMs = clock.monotonicMs();
    this.#over = over;
  }

  /** `mailReady`: mail that the trace names stands ready for this connection. */
  watch(trace: RunningTrace, mailReady: boolean): void {
    const everything = !namesMail(trace.order.scope);
    this.#views.push({ trace, everything, setUp: everything || mailReady, number: null });
  }

  opened(text: string): void {
    this.#tell('opened', text, null);
  }

  /** Taken up in the middle: what comes now may be about mail that nobody told us of. */
  takenUp(text: string): void {
    this.opened(text);
    this.#beforeMail = false;
  }

  refused(detail: string): void {
    this.#why = { text: `no connection: ${detail}`, about: null };
    this.closed();
  }

  connected(): void {
    this.#tell('connected', 'the connection is there', null);
  }

  tls(result: Parameters<ConnectionListener['tls']>[0]): void {
    this.#tell('tls', result.ok ? tlsText(result.facts) : `failed: ${result.detail}`, null);
  }

  carries(request: TransactionRequest, { entries, poolId }: Mail): void {
    this.#carried.set(request, { entries: [...entries], poolId: poolId ?? null });
    this.#newest = request;
    this.#beforeMail = false;
  }

  sent(lines: readonly string[], about: TransactionRequest | null): void {
    if (this.#matters(about)) for (const line of lines) this.#tell('sent', line.replace(/\r\n$/, ''), about);
  }

  sentMessage(request: TransactionRequest, chunked: boolean): void {
    if (!this.#matters(request)) return;
    const octets = octetsOf(request);
    if (chunked) this.#tell('sent', `BDAT ${octets} LAST`, request);
    this.#tell('message', `a message of ${octets} octets`, request);
  }

  received(item: ParsedReply, about: TransactionRequest | null): void {
    if (about) this.#spokenOf = about;
    if (this.#matters(about)) for (const line of replyLines(item)) this.#tell('received', line, about);
  }

  failed({ detail, why, phase, reply }: Breakage, about: TransactionRequest | null): void {
    const answered = reply === null ? '' : ` (${codesOf(reply)})`;
    this.#why = { text: why === 'closed' ? detail : `${phase}: ${detail}${answered}`, about };
  }

  closed(): void {
    const { text, about } = this.#why ?? { text: 'in order', about: null };
    const line = this.#line('closed', text);
    for (const view of this.#views) {
      const visible = this.#visible(view, about);
      if (visible) this.#add(view, line);
      // Whoever saw it open is told that it ended, not what was said to another.
      else if (view.number !== null) this.#add(view, { ...line, text: '' });
      if (view.number !== null) view.trace.sessionClosed();
    }
    this.#over(this);
  }

  /** Whether anybody is told, now or perhaps later. Most connections carry what no trace wants. */
  #matters(about: TransactionRequest | null): boolean {
    return this.#beforeMail || this.#views.some((view) => this.#visible(view, about));
  }

  #tell(kind: TraceLineKind, text: string, about: TransactionRequest | null): void {
    const line = this.#line(kind, text);
    if (this.#beforeMail && this.#setUp.length < heldLines) this.#setUp.push(line);
    for (const view of this.#views) if (this.#visible(view, about)) this.#add(view, line);
  }

  #line(kind: TraceLineKind, text: string): Line {
    const sinceMs = Math.round((this.#clock.monotonicMs() - this.#openedMs) * 10) / 10;
    return { at: new Date(this.#clock.nowMs()).toISOString(), sinceMs, kind, text: printableLine(text) };
  }

  #add(view: View, line: Line): void {
    if (view.number === null) {
      view.number = view.trace.openSession();
      if (view.number === null) return;
      for (const earlier of this.#setUp) if (earlier !== line) view.trace.add({ session: view.number, ...earlier });
    }
    view.trace.add({ session: view.number, ...line });
  }

  /** What stands between two transactions may speak of either: whoever is told it may see both. */
  #visible({ everything, setUp, trace }: View, about: TransactionRequest | null): boolean {
    if (trace.ended !== null) return false;
    if (everything) return true;
    const concerned = about ? [about] : [this.#spokenOf, this.#newest].filter((request) => request !== null);
    if (concerned.length === 0) return setUp && this.#beforeMail;
    return concerned.every((request) => {
      const mail = this.#carried.get(request);
      return mail !== undefined && carriesOnly(trace.order, mail);
    });
  }
}
