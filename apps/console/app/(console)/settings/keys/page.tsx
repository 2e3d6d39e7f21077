// Keys by which programs use the API.
import type { Metadata } from 'next';
import { ApiKeys } from '@/api-keys/keys.tsx';

export const metadata: Metadata = { title: 'API keys' };

export default function Page() {
  return <ApiKeys />;
}
