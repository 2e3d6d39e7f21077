// What the engine runs now: every entity of one revision, indexed by the questions that the hot path asks. Built off the hot path from
// a delta, swapped in whole, never changed afterwards.
import type {
  CredentialBody,
  DkimKeyBody,
  LimitBody,
  PoolBody,
  ProviderBody,
  RelayBody,
  ReplyRule,
  RouteBody,
  SourceBody,
  StreamBody,
  TenantBody,
} from '@sluice/contract';
import type { AutomationRules, LimitSet, Meaning, SettingRules, WarmUpSet } from '@sluice/policy';

export type WithId<T> = T & { readonly id: string };

export interface Generation {
  readonly revision: number;
  /** 64 hex digits over the raw bodies of all live entities; see contract/content-root. */
  readonly contentRoot: string;
  tenant(id: string): WithId<TenantBody> | undefined;
  stream(id: string): WithId<StreamBody> | undefined;
  /** By tenant and name, for headers that narrow to a stream. */
  streamNamed(tenantId: string, name: string): WithId<StreamBody> | undefined;
  credential(username: string): WithId<CredentialBody> | undefined;
  /** The enabled relay whose network contains the address; the longest prefix wins. */
  relayFor(address: string): WithId<RelayBody> | undefined;
  /** Whether the domain (A-labels, lower case) is a sending domain of the tenant. */
  ownsDomain(tenantId: string, domain: string): boolean;
  /** The active key of the tenant for exactly this domain. */
  signingKey(tenantId: string, domain: string): WithId<DkimKeyBody> | undefined;
  source(id: string): WithId<SourceBody> | undefined;
  sources(): Iterable<WithId<SourceBody>>;
  /** By id. */
  streams(): Iterable<WithId<StreamBody>>;
  pool(id: string): WithId<PoolBody> | undefined;
  poolNamed(name: string): WithId<PoolBody> | undefined;
  /** The static route that leads mail of the domain; the longest match wins. */
  route(domain: string): WithId<RouteBody> | undefined;
  /** Provider whose MX suffix ends this host name; the longest suffix wins. */
  providerOf(mxHost: string): WithId<ProviderBody> | undefined;
  /** What refusals of the provider with this key mean; the list stays the same object until its entity changes. */
  replyRules(provider: string): readonly ReplyRule[];
  /** What the reply rule with this key says would help, and whom it blames. */
  replyMeaning(provider: string | null, replyRule: string): Meaning | null;
  providerKeyed(key: string): WithId<ProviderBody> | undefined;
  /** All that are not off. */
  readonly automation: AutomationRules;
  limit(id: string): WithId<LimitBody> | undefined;
  /** All that are enabled. */
  readonly limits: LimitSet;
  /** The delivery settings of a path or of mail; see policy. */
  readonly settings: SettingRules;
  /** Which sources are warming up, and for whom. */
  readonly warmUps: WarmUpSet;
}
