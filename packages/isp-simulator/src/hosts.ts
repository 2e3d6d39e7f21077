// The small internet that the sandbox shows: which domain has which MX, which host name has which loopback address, and which profile
// answers there. Real providers keep their real names; a domain nobody listed gets a plain host, so that any address can be tried.
import { createHash } from 'node:crypto';
import {
  apple,
  comcast,
  customerMx,
  gmail,
  gmx,
  orange,
  outlook,
  simulatedPresets,
  yahoo,
  type MxRecord,
  type SimulatedPreset,
} from '@sluice/providers';
import type { ProfileName } from './profiles.ts';

/** What stands at an address. `refusing`: nothing listens. `silent`: connects and never says a word. */
export type HostBehaviour = { kind: 'smtp'; profile: ProfileName } | { kind: 'refusing' } | { kind: 'silent' };
export type SandboxHost = { name: string; address: string; behaviour: HostBehaviour };
export type DomainFacts = { kind: 'mx'; records: readonly MxRecord[] } | { kind: 'nxdomain' } | { kind: 'servfail' };

const smtp = (profile: ProfileName): HostBehaviour => ({ kind: 'smtp', profile });
const plainHostCount = 8;
const plainName = (index: number) => `mx${index + 1}.plain.example`;

/** The MX hosts of a provider, each on an address of its own in one network. */
const hostsOf = (preset: SimulatedPreset, profile: ProfileName, network: number): SandboxHost[] =>
  preset.simulated.mxHosts.map((mx, index) => ({ name: mx.exchange, address: `127.1.${network}.${index + 1}`, behaviour: smtp(profile) }));

export const hosts: readonly SandboxHost[] = [
  ...hostsOf(gmail, 'gmail', 1),
  { name: 'smtp.google.com', address: '127.1.1.10', behaviour: smtp('gmail') },
  ...hostsOf(yahoo, 'yahoo', 2),
  ...hostsOf(outlook, 'outlook', 3),
  { name: 'contoso-com.mail.protection.outlook.com', address: '127.1.3.10', behaviour: smtp('outlook') },
  { name: 'fabrikam-com.mail.protection.outlook.com', address: '127.1.3.11', behaviour: smtp('outlook') },
  { name: 'mail.corp.example', address: '127.1.4.1', behaviour: smtp('corporate') },
  { name: 'mail.dead.example', address: '127.1.5.1', behaviour: { kind: 'refusing' } },
  { name: 'mail.silent.example', address: '127.1.5.2', behaviour: { kind: 'silent' } },
  ...Array.from({ length: plainHostCount }, (_, index) => ({
    name: plainName(index),
    address: `127.1.6.${index + 1}`,
    behaviour: smtp('plain'),
  })),
  ...hostsOf(apple, 'apple', 7),
  ...hostsOf(comcast, 'comcast', 8),
  ...hostsOf(orange, 'orange', 9),
  ...hostsOf(gmx, 'gmx', 10),
  { name: 'mail.greylisting.example', address: '127.1.11.1', behaviour: smtp('greylisting') },
];

const byName = new Map(hosts.map((host) => [host.name, host]));

const mx = (domain: string, records: readonly MxRecord[]): [string, DomainFacts] => [domain, { kind: 'mx', records }];
const ownDomains = new Map<string, DomainFacts>([
  ...simulatedPresets.flatMap((preset) => preset.domains.map((domain) => mx(domain, preset.simulated.mxHosts))),
  ...['contoso.com', 'fabrikam.com'].map((domain) =>
    mx(
      domain,
      [customerMx(outlook, domain)].filter((record) => record !== null),
    ),
  ),
  mx('workspace.example', [{ exchange: 'smtp.google.com', preference: 1 }]),
  mx('corp.example', [{ exchange: 'mail.corp.example', preference: 10 }]),
  mx('greylisting.example', [{ exchange: 'mail.greylisting.example', preference: 10 }]),
  mx('dead.example', [{ exchange: 'mail.dead.example', preference: 10 }]),
  mx('silent.example', [{ exchange: 'mail.silent.example', preference: 10 }]),
  // RFC 7505: "." with preference 0 says that the domain takes no mail.
  mx('nullmx.example', [{ exchange: '.', preference: 0 }]),
  ['servfail.example', { kind: 'servfail' }],
]);

/** Names under these do not exist. RFC 6761 sections 6.4 and 6.2; `nx.example` for tests that need a plausible name. */
const absent = ['invalid', 'test', 'nx.example'];
const under = (name: string, suffix: string) => name === suffix || name.endsWith(`.${suffix}`);

export function factsOf(domain: string): DomainFacts {
  const listed = ownDomains.get(domain);
  if (listed) return listed;
  if (absent.some((suffix) => under(domain, suffix))) return { kind: 'nxdomain' };
  // A host of the sandbox, or a name below a provider's own: exists, but has no MX of its own.
  if (byName.has(domain) || simulatedPresets.some((preset) => preset.mxSuffixes.some((suffix) => under(domain, suffix))))
    return { kind: 'mx', records: [] };
  const chosen = (createHash('sha256').update(domain).digest()[0] ?? 0) % plainHostCount;
  return { kind: 'mx', records: [{ exchange: plainName(chosen), preference: 10 }] };
}

/** Loopback address of a host; null for every name that is not a sandbox host. */
export function addressOf(name: string): string | null {
  return byName.get(name)?.address ?? null;
}
