'use client';
// The frame of every signed-in page: where one is, who one is, whether mail leaves this machine, and whether the picture is live.
import { LogOut, ShieldCheck, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { EnrolmentDoor } from '@/accounts/enrolment-door.tsx';
import { GraceBanner } from '@/accounts/grace-banner.tsx';
import { clockUtc } from '@/format/time.ts';
import { LiveProvider, useLive } from '@/live/live-context.tsx';
import { roleName } from '@sluice/contract/api';
import { Asks } from '@/session/asks.tsx';
import { MeProvider, useMay, type Me, type ProcedurePath } from '@/session/me.tsx';
import { ConfirmDialog } from '@/session/confirm-dialog.tsx';
import { signOut } from '@/session/auth-calls.ts';
import { useTRPC } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { Failure, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Navigation } from './navigation.tsx';
import { NodeSummary } from './node-summary.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

const meRefreshMs = 60_000;

function EgressMark({ me }: { me: Me }) {
  if (me.egress === 'sandbox')
    return (
      <span className="inline-flex" title="Mail goes to simulated providers on this machine; nothing leaves it.">
        <Status tone="odd" icon={ShieldCheck} className="rounded-md border border-current">
          Sandbox
        </Status>
      </span>
    );
  return (
    <Status tone="info" className="rounded-md">
      Internet
    </Status>
  );
}

/** The picture is not live: said at the top of every page, in words, until it is again. */
function StaleBanner() {
  const { freshness } = useLive();
  const last = freshness.lastFrameAt === null ? null : clockUtc(freshness.lastFrameAt);
  const text = {
    waiting: null,
    live: null,
    lost: 'Live data no longer reaches this page. The connection to the console is lost or its session ended; what you see is old. Reload the page, or check that the console is running.',
    silent: `No delivery node is reporting${last ? `; the last frame came at ${last}` : ''}. Queue figures are old. Mail may still be moving: check the engine's process and its connection to Postgres.`,
    partly: `${freshness.silentNodes.join(', ')} is not reporting; its figures are old.`,
  }[freshness.state];
  return (
    <div role="status" aria-live="polite">
      {text !== null && (
        <p data-testid="stale" className="flex items-start gap-2 border-b border-bad-text/40 bg-bad-soft px-4 py-2 text-sm text-bad-text">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>
            <strong>Stale.</strong> {text}
          </span>
        </p>
      )}
    </div>
  );
}

function TopBar({ me }: { me: Me }) {
  const live = useMay('live.stream');
  return (
    <header className="sticky top-0 z-20 flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-b border-border bg-surface px-4 py-1.5">
      <Link href="/" prefetch={false} className="flex items-center gap-2 font-semibold">
        {/* The icon is decoration beside the name. */}
        <img src="/icon.svg" alt="" width={22} height={22} />
        Sluice
      </Link>
      <EgressMark me={me} />
      {me.demo && (
        <Status tone="quiet" icon={ShieldCheck}>
          Demo data
        </Status>
      )}
      {live && <NodeSummary />}
      <div className="ml-auto flex items-center gap-3">
        <ThemeSwitch />
        <Link
          href="/settings/account"
          prefetch={false}
          title="Your account"
          className="rounded-md text-right text-xs leading-tight hover:bg-sunken"
        >
          <div className="max-w-52 truncate font-medium">{me.actor.email ?? me.actor.name}</div>
          <div className="text-muted">
            {roleName(me.actor.role)}
            {me.actor.tenantId !== null && ', one tenant'}
          </div>
        </Link>
        <Button look="quiet" onClick={() => void signOut()} aria-label="Sign out">
          <LogOut aria-hidden />
          <span className="hidden lg:inline">Sign out</span>
        </Button>
      </div>
    </header>
  );
}

export function Shell({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [enrolling, setEnrolling] = useState(false);
  const me = useQuery(trpc.session.me.queryOptions(undefined, { refetchInterval: meRefreshMs }));
  if (me.data === undefined) {
    return me.error === null ? (
      <Skeleton rows={8} label="Loading the console" />
    ) : (
      <Failure error={me.error} onRetry={() => void me.refetch()} />
    );
  }
  // Kept until the recovery codes are, though the account owes nothing from the first code on.
  if (me.data.secondFactor.owed && !enrolling) setEnrolling(true);
  if (enrolling) {
    const done = (): void => {
      // First the answer that nothing is owed any more; the one before would lead back here.
      void queries.invalidateQueries().then(() => setEnrolling(false));
    };
    return (
      <MeProvider me={me.data}>
        <EnrolmentDoor onDone={done} />
        <ConfirmDialog />
      </MeProvider>
    );
  }
  return (
    <MeProvider me={me.data}>
      <LiveProvider userId={me.data.actor.id} offered={me.data.may.includes('live.stream')}>
        <a
          href="#content"
          className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        <TopBar me={me.data} />
        <div className="md:grid md:grid-cols-[11.5rem_minmax(0,1fr)]">
          <div className="border-b border-border bg-surface md:sticky md:top-12 md:h-[calc(100dvh-3rem)] md:overflow-y-auto md:border-r md:border-b-0">
            <Navigation />
          </div>
          <div className="min-w-0">
            <main id="content" tabIndex={-1} className="outline-none">
              <GraceBanner />
              <StaleBanner />
              <div className="mx-auto max-w-[100rem] space-y-4 p-4">{children}</div>
            </main>
          </div>
        </div>
        <ConfirmDialog />
      </LiveProvider>
    </MeProvider>
  );
}

type PageHeadProps = {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** What can be done on the page; who may do it is said to those who may not. */
  asks?: readonly ProcedurePath[];
};

/** Title of a page, what it is about in a sentence, and its actions. */
export function PageHead({ title, children, actions, asks }: PageHeadProps) {
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold">{title}</h1>
        {children && <p className="max-w-prose text-sm text-muted">{children}</p>}
        {asks && <Asks paths={asks} />}
      </div>
      {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
