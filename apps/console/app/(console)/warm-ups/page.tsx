// How new sources are brought up day by day.
import type { Metadata } from 'next';
import { WarmUps } from '@/warm-ups/warm-ups.tsx';

export const metadata: Metadata = { title: 'Warm-up' };

export default function Page() {
  return <WarmUps />;
}
