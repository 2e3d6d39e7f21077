// Live protocol traces.
import type { Metadata } from 'next';
import { Traces } from '@/traces/traces.tsx';

export const metadata: Metadata = { title: 'Traces' };

export default function Page() {
  return <Traces />;
}
