// What was done, by whom and why; and whether the record of it is whole.
import type { Metadata } from 'next';
import { AuditRecord } from '@/audit/audit.tsx';

export const metadata: Metadata = { title: 'Audit' };

export default function Page() {
  return <AuditRecord />;
}
