// The session that a procedure about one's own account is about. Such procedures are declared for people only, so there is one.
import type { Actor } from '../actor.ts';
import { Refusal } from '../refusal.ts';

export function ownSession({ kind, id, email, session }: Actor) {
  if (kind !== 'user' || session === null || email === null) throw new Refusal('FORBIDDEN', 'only people have an account');
  return { userId: id, email, session };
}
