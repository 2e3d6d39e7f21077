// Mailbox providers: which sites belong together, and how their refusals are read.
import type { Metadata } from 'next';
import { Providers } from '@/egress/providers.tsx';

export const metadata: Metadata = { title: 'Providers' };

export default function Page() {
  return <Providers />;
}
