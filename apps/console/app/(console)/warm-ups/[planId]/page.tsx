// One warm-up plan: how far its sources have come, and why.
import type { Metadata } from 'next';
import { WarmUpPage } from '@/warm-ups/plan.tsx';

export const metadata: Metadata = { title: 'Warm-up plan' };

export default async function Page({ params }: { params: Promise<{ planId: string }> }) {
  const { planId } = await params;
  return <WarmUpPage id={decodeURIComponent(planId)} />;
}
