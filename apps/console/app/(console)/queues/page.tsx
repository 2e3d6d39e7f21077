// What waits, why, and what can be done about it.
import type { Metadata } from 'next';
import { Queues } from '@/queues/queues.tsx';

export const metadata: Metadata = { title: 'Queues' };

export default function Page() {
  return <Queues />;
}
