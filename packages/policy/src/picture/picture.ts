// The configuration as a whole, as far as its parts depend on each other, and what is told about it. Checks over it find what no entity can
// say of itself: a pool that nothing leaves through, a rule that nothing reaches, an address used twice. An error would be refused by the
// nodes or lose what an operator meant; a warning is odd and may be meant.
import type {
  AutomationBody,
  EntityKind,
  LimitBody,
  PoolBody,
  ProviderBody,
  SettingBody,
  SourceBody,
  StreamBody,
  TenantBody,
  WarmUpBody,
} from '@sluice/contract';

export type SourceFacts = Pick<SourceBody, 'name' | 'publicAddress' | 'bindAddress' | 'node' | 'enabled'>;

export interface Picture {
  readonly source: ReadonlyMap<string, SourceFacts>;
  readonly pool: ReadonlyMap<string, PoolBody>;
  readonly tenant: ReadonlyMap<string, TenantBody>;
  readonly stream: ReadonlyMap<string, StreamBody>;
  readonly provider: ReadonlyMap<string, ProviderBody>;
  readonly limit: ReadonlyMap<string, LimitBody>;
  readonly setting: ReadonlyMap<string, SettingBody>;
  readonly warm_up: ReadonlyMap<string, WarmUpBody>;
  readonly automation: ReadonlyMap<string, AutomationBody>;
}

/** Kinds that depend on each other by more than the database sees. */
export const pictureKinds = ['source', 'pool', 'tenant', 'stream', 'provider', 'limit', 'setting', 'warm_up', 'automation'] as const;

export interface PictureFinding {
  readonly level: 'error' | 'warning';
  readonly kind: EntityKind;
  readonly id: string;
  /** Empty: the entity as a whole. */
  readonly field: string;
  /** Names every other entity that it is about. */
  readonly message: string;
}

export type Tell = (level: PictureFinding['level'], kind: EntityKind, id: string, field: string, message: string) => void;

/** `acme/bulk` */
export function streamName(picture: Picture, id: string): string {
  const stream = picture.stream.get(id);
  if (!stream) return id;
  return `${picture.tenant.get(stream.tenantId)?.slug ?? stream.tenantId}/${stream.name}`;
}
