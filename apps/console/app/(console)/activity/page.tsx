// What changed, who changed it, and why.
import type { Metadata } from 'next';
import { ActivityLog } from '@/activity/activity.tsx';

export const metadata: Metadata = { title: 'Activity' };

export default function Page() {
  return <ActivityLog />;
}
