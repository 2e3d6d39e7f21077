// One open session to a host: transactions one after the other, each with an outcome for every entry, and the next one's envelope behind
// the message of the present where the peer can cope with that. Says when it has carried its share. RFC 2920 section 3.1
import type { ConnectionFacts, Outcome } from '../entry.ts';
import type { DeliverySession, EgressPath, RouteHost, Transaction } from '../ports.ts';
import type { TransactionRequest } from '../smtp/index.ts';
import { demandsTls } from './classify.ts';
import type { Connection } from './connection.ts';
import { outcomeOf } from './outcome.ts';
import type { ShortMemory } from './short-memory.ts';

/** How long a site is spared after chaining may have confused it. */
const UNCHAINED_MS = 60 * 60_000;

/** What is remembered of hosts and sites beyond one session. */
export type SiteMemory = { brokenTls: ShortMemory; unchained: ShortMemory; resting: ShortMemory };

export const hostKey = (host: RouteHost): string => `${host.name} ${host.address} ${host.port}`;

/** A host may be out of reach for one source only. */
export const restKey = (path: EgressPath, host: RouteHost): string => `${path.source.id} ${hostKey(host)}`;

export function openSession(path: EgressPath, host: RouteHost, connection: Connection, memory: SiteMemory): DeliverySession {
  const limit = path.settings.messagesPerConnection;
  const unproven = path.security.requireTls && !path.security.hostsProven;
  let carried = 0;
  let leaving = false;
  let given: { transaction: Transaction; request: TransactionRequest } | null = null;
  const facts: ConnectionFacts = {
    sourceId: path.source.id,
    site: path.site,
    provider: path.provider,
    mxHost: host.name,
    remoteAddress: host.address,
    tls: connection.tls,
    dsn: connection.offersDsn,
  };
  const usable = () => !leaving && carried < limit && connection.idle;
  const chains = () => !leaving && !unproven && carried < limit && connection.chains && !memory.unchained.has(path.site);
  return {
    facts,
    get usable() {
      return usable();
    },
    get chains() {
      return chains();
    },
    async deliver(transaction, next) {
      const ahead = given?.transaction === transaction ? given.request : null;
      given = null;
      if (!ahead && !usable()) return transaction.entries.map(() => notOffered());
      if (unproven) return transaction.entries.map(() => unprovenHosts());
      if (ahead && !connection.holds(ahead) && !connection.idle) return transaction.entries.map(() => notOffered());
      if (!ahead) carried += 1;
      const request = ahead ?? requestOf(path, transaction);
      if (!ahead) connection.listener?.carries(request, transaction);
      const results = await connection.run(request, () => {
        const following = next && chains() ? next() : null;
        if (!following) return null;
        carried += 1;
        given = { transaction: following, request: requestOf(path, following) };
        connection.listener?.carries(given.request, following);
        return given.request;
      });
      if (connection.chainTrouble) memory.unchained.add(path.site, UNCHAINED_MS);
      const ofEach = path.settings.protocol === 'lmtp';
      const told = results.map((result) => outcomeOf(result, ofEach, path.replyRules ?? []));
      const outcomes = afterLoss(path, host, told, memory);
      if (!connection.declinedTls || !outcomes.some(wantsTls)) return outcomes;
      // TLS is there but failed, now or a while ago: that is no fault of the mail, and TLS is worth another try.
      memory.brokenTls.forget(hostKey(host));
      leaving = true;
      return outcomes.map((outcome) => (wantsTls(outcome) ? { ...outcome, kind: 'deferred', bounceClass: 'tls' } : outcome));
    },
    listen: (listener) => connection.listen(listener),
    async quit() {
      leaving = true;
      await connection.quit();
    },
    destroy() {
      leaving = true;
      connection.destroy();
    },
  };
}

/** What the settings say of a connection that ended in the middle of a message. */
function afterLoss(path: EgressPath, host: RouteHost, outcomes: Outcome[], memory: SiteMemory): Outcome[] {
  const lost = (outcome: Outcome): boolean => outcome.scope === 'session' && outcome.unoffered !== true;
  if (!outcomes.some(lost)) return outcomes;
  const { reconnect, hostRestSeconds } = path.settings;
  if (reconnect === 'next_host') memory.resting.add(restKey(path, host), hostRestSeconds * 1000);
  return reconnect === 'stop' ? outcomes.map((outcome) => (lost(outcome) ? { ...outcome, scope: 'path' } : outcome)) : outcomes;
}

function requestOf(path: EgressPath, { sender, entries, header, bytes, further, facts }: Transaction): TransactionRequest {
  return {
    sender,
    recipients: entries.map((entry) => ({ address: entry.recipient, dsn: entry.dsn })),
    chunks: [header, bytes],
    further,
    eightBit: facts.eightBit,
    utf8: facts.utf8,
    dsn: entries[0]?.options ?? null,
    requireTls: path.security.requireTls,
  };
}

const wantsTls = (outcome: Outcome): boolean => outcome.kind === 'bounced' && outcome.reply !== null && demandsTls(outcome.reply);

/** Anybody may have named these hosts: a certificate proves only that they are who they say. RFC 8689 section 4.2.1 */
function unprovenHosts(): Outcome {
  const detail = '5.7.30 REQUIRETLS: the hosts of the domain are named by neither DNSSEC nor an enforced MTA-STS policy';
  return { kind: 'bounced', scope: 'transaction', reply: null, bounceClass: 'tls', detail, dotSent: false };
}

/** The connection ended between two messages: the entry was never offered to anyone. */
function notOffered(): Outcome {
  const detail = 'the connection ended before the message was offered';
  return { kind: 'deferred', scope: 'session', reply: null, bounceClass: 'network', detail, dotSent: false, unoffered: true };
}
