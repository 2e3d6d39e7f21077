// What each role may do.
import type { Metadata } from 'next';
import { Roles } from '@/roles/roles.tsx';

export const metadata: Metadata = { title: 'Roles' };

export default function Page() {
  return <Roles />;
}
