// Who is asking. Every use case gets one actor; audit entries, revisions and commands are written under its name.
import type { Role } from '@sluice/contract/api';

export interface Actor {
  /** `user`: a signed-in operator. `key`: an API key. `system`: the installation itself. `local`: the 0600 token on this machine. */
  readonly kind: 'user' | 'key' | 'system' | 'local';
  readonly id: string;
  /** What audit entries, revisions and commands say: an email address or a fixed word. */
  readonly name: string;
  /** What the person is called, for the screen. */
  readonly displayName: string;
  readonly email: string | null;
  readonly role: Role;
  /** Null sees every tenant. */
  readonly tenantId: string | null;
  /** May see whole addresses of recipients, and what mail says: the account's grant, or its role. */
  readonly personalData: boolean;
  /** What an API key may do, as `resource:verb`; null for everyone who is no key. */
  readonly scopes: readonly string[] | null;
  /** What the session has shown of whoever holds it. Null: not a person, so nobody to ask. */
  readonly session: ActorSession | null;
}

export interface ActorSession {
  readonly id: string;
  /** Began with a second factor. */
  readonly secondFactor: boolean;
  /** When whoever holds it last showed who they are. */
  readonly confirmedAt: Date | null;
  /** Since when the account has a second factor. */
  readonly secondFactorAt: Date | null;
  /** From when on it has to; null: its role needs none. */
  readonly secondFactorDueAt: Date | null;
}

/** First-start seeds, demonstration data and unattended set-up. */
export const systemActor: Actor = {
  kind: 'system',
  id: 'system',
  name: 'system',
  displayName: 'system',
  email: null,
  role: 'owner',
  tenantId: null,
  personalData: true,
  session: null,
  scopes: null,
};

/** Whoever can read the local token, which only the account that runs the installation can. */
export const localActor: Actor = {
  kind: 'local',
  id: 'local',
  name: 'local',
  displayName: 'local',
  email: null,
  role: 'owner',
  tenantId: null,
  personalData: true,
  session: null,
  scopes: null,
};
