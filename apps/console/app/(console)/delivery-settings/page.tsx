// What each queue and session is told: the rules, and which value holds for a piece of mail.
import type { Metadata } from 'next';
import { DeliverySettings } from '@/settings/delivery-settings.tsx';

export const metadata: Metadata = { title: 'Delivery settings' };

export default function Page() {
  return <DeliverySettings />;
}
