// How fast and on how many connections mail may leave.
import type { Metadata } from 'next';
import { Limits } from '@/egress/limits.tsx';

export const metadata: Metadata = { title: 'Limits' };

export default function Page() {
  return <Limits />;
}
