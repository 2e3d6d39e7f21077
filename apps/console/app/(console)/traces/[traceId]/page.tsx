// The lines of one trace, as they come.
import type { Metadata } from 'next';
import { TraceLines } from '@/traces/trace-lines.tsx';

export const metadata: Metadata = { title: 'Trace' };

export default async function Page({ params }: { params: Promise<{ traceId: string }> }) {
  const { traceId } = await params;
  return <TraceLines id={decodeURIComponent(traceId)} />;
}
