// Is mail flowing, and what is wrong now?
import type { Metadata } from 'next';
import { Overview } from '@/overview/overview.tsx';

export const metadata: Metadata = { title: 'Overview' };

export default function Page() {
  return <Overview />;
}
