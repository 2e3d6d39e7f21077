// An account of one's own, made with the one-time link that an Admin handed over. The token is in the fragment, which no server sees.
import type { Metadata } from 'next';
import { InvitationForm } from '@/session/invitation-form.tsx';

export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer' };

export default function Page() {
  return <InvitationForm />;
}
