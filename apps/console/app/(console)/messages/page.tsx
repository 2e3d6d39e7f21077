// Where is this mail?
import type { Metadata } from 'next';
import { Messages } from '@/messages/messages.tsx';

export const metadata: Metadata = { title: 'Messages' };

export default function Page() {
  return <Messages />;
}
