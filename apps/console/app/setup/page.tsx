// The first Owner, once, with the one-time link that the start printed.
import type { Metadata } from 'next';
import { SetupForm } from '@/session/setup-form.tsx';

export const metadata: Metadata = { title: 'Set up', referrer: 'no-referrer' };

export default async function Page({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const { token } = await searchParams;
  return <SetupForm token={typeof token === 'string' ? token : ''} />;
}
