// Senders, and what belongs to them.
import type { Metadata } from 'next';
import { Tenants } from '@/tenants/tenants.tsx';

export const metadata: Metadata = { title: 'Tenants' };

export default function Page() {
  return <Tenants />;
}
