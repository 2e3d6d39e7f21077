// Attempts without sockets: whoever models the receiving hosts says what they would have answered, and how long that takes; what it means is
// read as the real attempter reads it, by the provider's reply rules too.
import type { Outcome } from '../../entry.ts';
import { outcomeOf, setupFailureOf } from '../../deliver/outcome.ts';
import type { Attempter, Clock, ConnectResult, DeliverySession, EgressPath, PathFailure, RouteHost } from '../../ports.ts';
import type { RecipientResult, SmtpReply } from '../../smtp/index.ts';

/** What a host said: code, enhanced code and text. */
export type Said = { code: number; enhanced: string | null; text: string };

/** The receiving hosts of a simulation. */
export interface ReceivingHosts {
  /** One connection from the address; null where nothing answers. `session` null: it was refused. */
  connect(host: string, source: string): { session: ReceivingSession | null; refused: Said | null; greetingMs: number } | null;
}
export interface ReceivingSession {
  carry(mail: { sender: string; recipients: readonly string[]; dkimDomain: string | null }): {
    /** For each recipient; a code below 400 takes it. */
    answers: readonly { phase: 'mail' | 'rcpt' | 'message'; said: Said }[];
    takesMs: number;
    /** The host closes the connection; `dropped`: with no word after the message. */
    ends: boolean;
    dropped: boolean;
  };
  end(): void;
}

/** The service is closing the channel. RFC 5321 section 3.8 */
const closing = 421;
const maxHosts = 10;

type Options = { clock: Clock; receivers: ReceivingHosts; roundTripMs: number };

export function virtualAttempter({ clock, receivers, roundTripMs }: Options): Attempter {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(Math.ceil(ms), resolve));

  async function connectHost(path: EgressPath, host: RouteHost): Promise<ConnectResult> {
    const answered = receivers.connect(host.name, path.source.bindAddress);
    await wait(roundTripMs * 2 + (answered?.greetingMs ?? 0));
    if (!answered) return { ok: false, failure: { ...unreached(host), fault: { kind: 'network', host } } };
    if (answered.session) return { ok: true, session: sessionOf(path, host, answered.session) };
    const why = { why: 'shutdown', phase: 'greeting', reply: answered.refused && replyOf(answered.refused), detail: 'refused' } as const;
    const { mxHost, remoteAddress } = unreached(host);
    return { ok: false, failure: { ...setupFailureOf(why, path.replyRules ?? []), mxHost, remoteAddress, reached: true } };
  }

  function sessionOf(path: EgressPath, host: RouteHost, session: ReceivingSession): DeliverySession {
    let carried = 0;
    let ended = false;
    const { messagesPerConnection } = path.settings;
    const end = (): void => {
      ended = true;
      session.end();
    };
    return {
      facts: {
        ...{ sourceId: path.source.id, site: path.site, provider: path.provider, mxHost: host.name, remoteAddress: host.address },
        ...{ tls: null, dsn: false },
      },
      get usable() {
        return !ended && carried < messagesPerConnection;
      },
      chains: false,
      async deliver(transaction): Promise<Outcome[]> {
        carried++;
        const { sender, entries, facts } = transaction;
        const recipients = entries.map(({ recipient }) => recipient);
        const said = session.carry({ sender, recipients, dkimDomain: facts.fromDomain });
        await wait(roundTripMs + said.takesMs);
        if (said.ends) end();
        return said.answers.map((answer) => outcomeOf(resultOf(answer, said), false, path.replyRules ?? []));
      },
      quit() {
        end();
        return Promise.resolve();
      },
      destroy: end,
      listen: () => undefined,
    };
  }

  return {
    async connect(path, hosts): Promise<ConnectResult> {
      let last: ConnectResult = { ok: false, failure: noHost };
      for (const host of hosts.slice(0, maxHosts)) {
        last = await connectHost(path, host);
        if (last.ok || last.failure.reached) return last;
      }
      return last;
    },
  };
}

type Answer = { phase: 'mail' | 'rcpt' | 'message'; said: Said };

function resultOf({ phase, said }: Answer, { ends, dropped }: { ends: boolean; dropped: boolean }): RecipientResult {
  const reply = replyOf(said);
  if (dropped && phase === 'message') return { kind: 'broken', why: 'closed', phase, reply: null, detail: 'closed', dotSent: true };
  if (said.code < 400) return { kind: 'accepted', reply };
  if (ends && said.code === closing) return { kind: 'broken', why: 'shutdown', phase, reply, detail: 'closed', dotSent: false };
  return { kind: 'refused', phase, reply };
}

const replyOf = ({ code, enhanced, text }: Said): SmtpReply => ({ code, enhanced, lines: text.split('\n') });

const noHost: PathFailure = {
  ...{ kind: 'deferred', scope: 'path', reply: null, bounceClass: 'dns', detail: 'there is no host to try', dotSent: false },
  ...{ mxHost: null, remoteAddress: null },
};
const unreached = ({ name, address }: RouteHost): PathFailure => ({
  ...{ kind: 'deferred', scope: 'path', reply: null, bounceClass: 'network', detail: 'connect: ECONNREFUSED', dotSent: false },
  ...{ mxHost: name, remoteAddress: address },
});
