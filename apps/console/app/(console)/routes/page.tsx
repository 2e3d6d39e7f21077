// Domains whose mail goes to a named host.
import type { Metadata } from 'next';
import { Routes } from '@/egress/routes.tsx';

export const metadata: Metadata = { title: 'Routes' };

export default function Page() {
  return <Routes />;
}
