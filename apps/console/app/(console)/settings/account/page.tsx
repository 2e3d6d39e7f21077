// One's own account.
import type { Metadata } from 'next';
import { OwnAccount } from '@/accounts/own-account.tsx';

export const metadata: Metadata = { title: 'Your account' };

export default function Page() {
  return <OwnAccount />;
}
