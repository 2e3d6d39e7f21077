'use client';
// Says at the top of every page until when a second factor has to be there.
import { KeyRound } from 'lucide-react';
import Link from 'next/link';
import { duration, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useMe } from '@/session/me.tsx';

export function GraceBanner() {
  const { enrolledAt, dueAt } = useMe().secondFactor;
  const now = useNow();
  if (enrolledAt !== null || dueAt === null || now === 0) return null;
  const left = duration((new Date(dueAt).getTime() - now) / 1000);
  return (
    <p
      data-testid="grace"
      className="flex flex-wrap items-center gap-2 border-b border-border bg-warn-soft px-4 py-2 text-sm text-warn-text"
    >
      <KeyRound aria-hidden className="size-4 shrink-0" />
      <span>
        Your role needs a second factor. You have {left} left, until {stampUtc(dueAt)}.
      </span>
      <Link href="/settings/account" prefetch={false} className="font-medium underline">
        Set it up now
      </Link>
    </p>
  );
}
