// The first account of a new installation, through the same procedures that the console uses: from the settings where they name an
// owner, else by a one-time link for the operator to open.
import type { SluiceClient } from '@sluice/client';

export type OwnerState = { kind: 'exists' } | { kind: 'created'; email: string } | { kind: 'link'; url: string; expiresAt: string };

export async function ensureOwner(client: SluiceClient, owner: { email: string; password: string } | null): Promise<OwnerState> {
  const { needed } = await client.setup.status.query();
  if (!needed) return { kind: 'exists' };
  const link = await client.setup.issueLink.mutate();
  if (owner === null) return { kind: 'link', ...link };
  const token = tokenOf(link.url);
  await client.setup.complete.mutate({ token, name: 'Owner', email: owner.email, password: owner.password });
  return { kind: 'created', email: owner.email };
}

/** The token of a set-up link, which may be in its query or behind its #. */
export function tokenOf(link: string): string {
  const url = new URL(link);
  const token = url.searchParams.get('token') ?? new URLSearchParams(url.hash.slice(1)).get('token');
  if (token === null) throw new Error('the set-up link has no token');
  return token;
}
