// What limits say to who asks them: granted with a token, refused with the limit that binds, and which limits bind now.
import type { Amount, Counter } from './limit-counter.ts';
import type { LimitKind } from './limit-set.ts';

/** What was reserved, when, and whether it went out; hand it to `release` to give it back. */
export type LimitToken = { readonly counters: readonly Counter[]; amount: Amount; readonly atMs: number; departed: boolean };
/** A limit that binds. `used` of `of` units: open connections, what passed of a cap, or, for a rate, what of its burst is in debt. */
export type Binding = {
  id: string;
  kind: LimitKind;
  used: number;
  of: number;
  count: number;
  perSeconds: number;
  /** When the next unit may pass; null when something has to be given back first. */
  clearsAt: number | null;
};
/** `asks`: it would pass, and has to be leased first, which the store is asked for now. */
export type Refusal = {
  ok: false;
  bindingKey: string;
  bindsPath: boolean;
  bindsAllSources: boolean;
  retryAtMs: number | null;
  asks: boolean;
};
export type Reservation = { ok: true; token: LimitToken } | Refusal;
