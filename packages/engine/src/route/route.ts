// What a domain leads to: the hosts that take its mail, the site name under which their connections are kept, and the provider behind
// them. Names of hosts only; addresses are looked up when a connection is wanted (see host-addresses).
import type { BounceClass, DeliverySettings } from '@sluice/contract';
import type { RouteHost } from '../ports.ts';
import type { RouteSecurity } from './security.ts';

/** `port` where it is not the route's own. */
export type Exchange = { readonly host: string; readonly preference: number; readonly port?: number };

export type Route = RouteSecurity & {
  readonly site: string;
  readonly provider: string | null;
  /** By preference, then name. */
  readonly exchanges: readonly Exchange[];
  readonly port: number;
  /** Named by an operator, not by DNS: any host may be dialled, and what the route tells the session stands above the rules. */
  readonly fixed?: { readonly settings: Partial<DeliverySettings> | null };
};

export type RouteAnswer =
  | { kind: 'route'; route: Route }
  /** No mail can ever be taken there. `enhanced` per RFC 3463. */
  | { kind: 'bounce'; enhanced: string; bounceClass: BounceClass; detail: string }
  /** No usable answer now. */
  | RouteFailure;

/** `bounceClass` is `dns` unless told. `pressure`: we could not even ask; the domain has done nothing. */
export type RouteFailure = { kind: 'failed'; detail: string; bounceClass?: BounceClass; pressure?: boolean };

/** `unproven`: hosts are left out because DNSSEC does not say whether they have TLSA records. */
export type HostsAnswer = { ok: true; hosts: RouteHost[] } | { ok: false; detail: string; pressure: boolean; unproven: boolean };

/** RFC 5321 section 2.3.1 names no port for relay; IANA gives 25. */
export const smtpPort = 25;
/** MX hosts of a domain that are looked at. RFC 5321 section 5.1 leaves the bound to us. */
export const maxExchanges = 20;

/** Turns MX records into exchanges: lower case, without trailing dots, best preference first. */
export function orderedExchanges(records: readonly { exchange: string; preference: number }[]): Exchange[] {
  const exchanges = records.map((record) => ({ host: record.exchange.toLowerCase().replace(/\.$/, ''), preference: record.preference }));
  const named = exchanges.filter((exchange) => exchange.host !== '');
  named.sort((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1));
  return named.slice(0, maxExchanges);
}

/** A single MX record whose exchange is the root says that the domain takes no mail. RFC 7505 section 3. */
export function isNullMx(records: readonly { exchange: string }[]): boolean {
  const only = records[0];
  return records.length === 1 && only !== undefined && (only.exchange === '' || only.exchange === '.');
}

const overlaid = new WeakMap<DeliverySettings, WeakMap<object, DeliverySettings>>();

/** What holds over this route: what a static route says stands above every rule. The same object for the same arguments. */
export function settingsOver(values: DeliverySettings, { fixed }: Route): DeliverySettings {
  const told = fixed?.settings;
  if (!told) return values;
  let known = overlaid.get(values);
  if (!known) overlaid.set(values, (known = new WeakMap()));
  let both = known.get(told);
  if (!both) known.set(told, (both = { ...values, ...told }));
  return both;
}
