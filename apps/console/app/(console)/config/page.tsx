// The configuration as a whole: its revisions, its text, and who manages what.
import type { Metadata } from 'next';
import { Configuration } from '@/config/configuration.tsx';

export const metadata: Metadata = { title: 'Configuration' };

export default function Page() {
  return <Configuration />;
}
