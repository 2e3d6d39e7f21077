// What set-up tells the supervisor when it is through.
export type OwnerState = { kind: 'exists' } | { kind: 'created'; email: string } | { kind: 'link'; url: string; expiresAt: string };
export type SetUpReport = { ok: true; owner: OwnerState } | { ok: false; problem: string };
