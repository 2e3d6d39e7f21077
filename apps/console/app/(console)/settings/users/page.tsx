// Operator accounts and invitations.
import type { Metadata } from 'next';
import { Users } from '@/accounts/users.tsx';

export const metadata: Metadata = { title: 'Users' };

export default function Page() {
  return <Users />;
}
