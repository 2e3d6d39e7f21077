'use client';
// What a page shows when it has no rows: still loading, nothing yet, nothing that matches, no data arriving, or an error. Each says what
// to do next, since "empty" alone looks the same as "broken".
import { CircleX, Inbox, SearchX, Unplug, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { codeOf } from '@/trpc/client.ts';
import { Button } from './button.tsx';

export function Skeleton({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="space-y-3 p-4">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="h-4 animate-pulse rounded bg-sunken" style={{ width: `${92 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

function Message({ icon: Icon, title, children, action }: { icon: LucideIcon; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
      <Icon aria-hidden className="size-6 text-muted" />
      <p className="font-medium">{title}</p>
      <div className="max-w-prose text-sm text-muted">{children}</div>
      {action && <div className="mt-1">{action}</div>}
    </div>
  );
}

/** Nothing exists yet: says how the first one comes to be. */
export function NothingYet({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <Message icon={Inbox} title={title} action={action}>
      {children}
    </Message>
  );
}

/** Something exists, the filter hides it. */
export function NothingMatches({ title, children, onClear }: { title: string; children: ReactNode; onClear: () => void }) {
  return (
    <Message icon={SearchX} title={title} action={<Button onClick={onClear}>Clear the search</Button>}>
      {children}
    </Message>
  );
}

/** The source of the data is silent. */
export function NoDataArriving({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <Message icon={Unplug} title={title} action={action}>
      {children}
    </Message>
  );
}

const nextSteps: Record<string, string> = {
  FORBIDDEN: 'Your role does not include this. Ask an Admin of this installation.',
  NOT_FOUND: 'It does not exist, or it belongs to a tenant that you cannot see.',
  TOO_MANY_REQUESTS: 'Too many requests. Wait a minute, then try again.',
  BAD_REQUEST: 'What was asked for is not valid. Check the address of this page.',
};

export function explain(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'The console did not answer. Check that it is running and that this machine reaches it.';
  return nextSteps[code] ?? 'The console could not read this. Its log has the reason; `npm run -s sluice -- status` shows what is running.';
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div role="alert">
      <Message icon={CircleX} title="This could not be loaded" action={onRetry && <Button onClick={onRetry}>Try again</Button>}>
        {explain(error)}
      </Message>
    </div>
  );
}
