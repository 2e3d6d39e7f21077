// Where mail goes and under which demands: a host to try, what must hold of a connection to it, and the path that ready mail takes.
import type { DeliverySettings, ReplyRule, SourceBody, TlsMode } from '@sluice/contract';
import type { Reach } from './host/reach.ts';
import type { TlsaRecord } from './ports.ts';

/** One address of one MX host to try. */
export type RouteHost = {
  name: string;
  address: string;
  port: number;
  /** Who named it; `public` when absent. */
  reach?: Reach;
  /** Its validated TLSA records, where there are any and the path asks for them. RFC 7672 section 2.2 */
  tlsa?: readonly TlsaRecord[];
  /** The name under which they stand, where the host's own is an alias of it. RFC 7672 section 2.2.2 */
  tlsaBase?: string;
};

/** What must hold of a connection before mail goes over it. Made by route/security.ts; equal keys are equal requirements. */
export type SecurityRequirement = {
  readonly key: string;
  readonly mode: TlsMode;
  readonly minVersion: DeliverySettings['tlsMinVersion'];
  readonly ciphers: string | null;
  readonly clientCertificateSecretId: string | null;
  /** How long a host whose TLS failed is spoken to in plaintext at once, where the mode allows that at all. */
  readonly rememberFailureMs: number;
  /** The domain's MTA-STS policy is enforced. RFC 8461 section 5. */
  readonly mtaSts: boolean;
  /** The TLSA records of a host decide where it has any. RFC 7672. */
  readonly dane: boolean;
  /** The mail may only go to verified peers that offer REQUIRETLS. RFC 8689. */
  readonly requireTls: boolean;
  /** Who may take the mail was named by DNSSEC, an enforced policy or the configuration. RFC 8689 section 4.2.1 */
  readonly hostsProven: boolean;
};

/** Source x site x security requirement: key of the ready queue and of connections. */
export type EgressPath = {
  key: string;
  source: { id: string; bindAddress: string; ehloName: string; family: 4 | 6; proxy?: SourceBody['proxy'] };
  site: string;
  provider: string | null;
  /** Those of the provider, as of now. */
  replyRules?: readonly ReplyRule[];
  security: SecurityRequirement;
  /** What this path was told, as of now: another object once it changes. A session keeps to what held when it was opened. */
  settings: DeliverySettings;
};
