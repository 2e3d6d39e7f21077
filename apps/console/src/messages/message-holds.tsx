'use client';
// Why a message that is still queued waits, and when that clears.
import { useQuery } from '@tanstack/react-query';
import { Holds } from '@/queues/explanation.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';

const pollMs = 5_000;

export function MessageHolds({ entryId }: { entryId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.messages.explain.queryOptions({ entryId }, { refetchInterval: pollMs }));
  return (
    <Card title="Why it waits" hint={<Updated query={query} />}>
      <Loaded query={query} rows={2}>
        {({ queued, holds, answered }) => (
          <div className="space-y-2">
            {queued ? <Holds holds={holds} /> : <p className="text-sm">It no longer waits.</p>}
            {queued && !answered && <p className="text-sm text-warn-text">Its node did not answer: only what its events say is shown.</p>}
          </div>
        )}
      </Loaded>
    </Card>
  );
}
