// Sending identities: state, share, suspension.
import type { Metadata } from 'next';
import { Sources } from '@/egress/sources.tsx';

export const metadata: Metadata = { title: 'Sources' };

export default function Page() {
  return <Sources />;
}
