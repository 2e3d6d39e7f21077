// The door. Nothing about the installation is shown here but that it exists.
import type { Metadata } from 'next';
import { safeNext } from '@/front-door/pages.ts';
import { SignInForm } from '@/session/sign-in-form.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default async function Page({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const { next } = await searchParams;
  return <SignInForm next={safeNext(typeof next === 'string' ? next : null)} />;
}
