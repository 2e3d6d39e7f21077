// One mailbox provider with its limits and reply rules.
import type { Metadata } from 'next';
import { ProviderPage } from '@/egress/provider.tsx';

export const metadata: Metadata = { title: 'Provider' };

export default async function Page({ params }: { params: Promise<{ providerId: string }> }) {
  const { providerId } = await params;
  return <ProviderPage id={decodeURIComponent(providerId)} />;
}
