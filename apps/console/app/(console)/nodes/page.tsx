// What each delivery node runs, and why it refuses.
import type { Metadata } from 'next';
import { Nodes } from '@/nodes/nodes.tsx';

export const metadata: Metadata = { title: 'Nodes' };

export default function Page() {
  return <Nodes />;
}
