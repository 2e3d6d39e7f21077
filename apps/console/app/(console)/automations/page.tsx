// Rules by which Sluice acts by itself, and what goes on by them now.
import type { Metadata } from 'next';
import { Automations } from '@/automations/automations.tsx';

export const metadata: Metadata = { title: 'Automation' };

export default function Page() {
  return <Automations />;
}
