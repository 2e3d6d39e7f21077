// One revision: what it changed, and the way back to it.
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Revision } from '@/config/revision.tsx';

type Props = { params: Promise<{ number: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Revision ${(await params).number}` };
}

export default async function Page({ params }: Props) {
  const { number } = await params;
  if (!/^\d{1,9}$/.test(number)) notFound();
  return <Revision number={Number(number)} />;
}
