// The life of one message to one recipient.
import type { Metadata } from 'next';
import { Timeline } from '@/messages/timeline.tsx';

export const metadata: Metadata = { title: 'Message' };

export default async function Page({ params }: { params: Promise<{ entryId: string }> }) {
  const { entryId } = await params;
  return <Timeline entryId={decodeURIComponent(entryId)} />;
}
