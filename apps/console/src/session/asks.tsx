'use client';
// Why something is not offered here: said once under the title of a page, from the same declarations by which the server refuses.
import { useQuery } from '@tanstack/react-query';
import { LockKeyhole } from 'lucide-react';
import Link from 'next/link';
import type { ProcedureAsks } from '@sluice/contract/api';
import { useTRPC } from '@/trpc/client.ts';
import { useMe, type ProcedurePath } from './me.tsx';
import { whyNot } from './why-not.ts';

/** What every procedure asks of its caller; the same for as long as the page is open. */
export function useAsked(): readonly ProcedureAsks[] | undefined {
  const trpc = useTRPC();
  return useQuery(trpc.roles.list.queryOptions(undefined, { staleTime: Infinity })).data?.procedures;
}

/** Nothing while all of `paths` may be called. */
export function Asks({ paths }: { paths: readonly ProcedurePath[] }) {
  const me = useMe();
  const asked = useAsked();
  const why = asked && whyNot(me, asked, paths);
  if (!why) return null;
  return (
    <p className="mt-1 flex items-start gap-1.5 text-sm text-muted">
      <LockKeyhole aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>
        {why}{' '}
        <Link href="/settings/roles" prefetch={false} className="text-accent-strong underline">
          What each role may do
        </Link>
      </span>
    </p>
  );
}
