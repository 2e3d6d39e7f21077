// What a piece of mail requires of the connection that carries it: the TLS mode of its settings, raised by what its domain publishes and
// by what the sender asked for. A requirement is part of the key of an egress path, so a connection never serves mail that wants more
// than was verified when it was opened. Policies only raise; nothing that DNS or a peer says can lower a mode.
import { defaultDeliverySettings, type DeliverySettings } from '@sluice/contract';
import type { SecurityRequirement } from '../ports.ts';

/** What was found out about the way to a domain that bears on TLS. */
export type RouteSecurity = {
  /** An MTA-STS policy in mode enforce covers the hosts. RFC 8461 section 5. */
  readonly mtaSts?: 'enforce' | 'testing';
  /** The answer that named the hosts was validated by DNSSEC: TLSA records of the hosts count. RFC 7672 section 2.2. */
  readonly secure?: boolean;
};

/** The combinations of policies over one set of settings. */
const known = new WeakMap<DeliverySettings, SecurityRequirement[]>();

function describe(
  values: DeliverySettings,
  policies: { mtaSts: boolean; dane: boolean; requireTls: boolean; hostsProven: boolean },
): string {
  const words: string[] = [values.tls];
  if (policies.mtaSts) words.push('mta_sts');
  if (policies.dane) words.push('dane');
  if (policies.requireTls) words.push(policies.hostsProven ? 'requiretls' : 'requiretls unproven');
  for (const key of ['tlsMinVersion', 'tlsCiphers', 'tlsRememberFailureSeconds', 'clientCertificateSecretId'] as const) {
    if (values[key] !== defaultDeliverySettings[key]) words.push(String(values[key]));
  }
  return words.join(' ');
}

/**
 * The requirement under these settings; the same object for the same arguments. `tlsOptional`: what the recipient's domain demands is
 * left aside, what the operator demands is not. RFC 8689 section 4.1
 */
export function requirementOf(
  values: DeliverySettings,
  route: RouteSecurity & { fixed?: object },
  requireTls: boolean,
  tlsOptional = false,
): SecurityRequirement {
  const mtaSts = values.mtaSts && route.mtaSts === 'enforce' && !tlsOptional;
  const dane = values.dane && route.secure === true && !tlsOptional;
  let combinations = known.get(values);
  if (!combinations) known.set(values, (combinations = []));
  const hostsProven = route.secure === true || route.mtaSts === 'enforce' || route.fixed !== undefined;
  const index = (mtaSts ? 1 : 0) + (dane ? 2 : 0) + (requireTls ? 4 : 0) + (hostsProven ? 8 : 0);
  return (combinations[index] ??= {
    key: describe(values, { mtaSts, dane, requireTls, hostsProven }),
    mode: values.tls,
    minVersion: values.tlsMinVersion,
    ciphers: values.tlsCiphers,
    clientCertificateSecretId: values.clientCertificateSecretId,
    rememberFailureMs: values.tlsRememberFailureSeconds * 1000,
    ...{ mtaSts, dane, requireTls, hostsProven },
  });
}
