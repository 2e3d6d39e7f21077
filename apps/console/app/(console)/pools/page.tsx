// Through which weighted sets of sources mail leaves.
import type { Metadata } from 'next';
import { Pools } from '@/egress/pools.tsx';

export const metadata: Metadata = { title: 'IP pools' };

export default function Page() {
  return <Pools />;
}
