'use client';
// What is wrong or odd between the parts of the configuration as it is now.
import { useQuery } from '@tanstack/react-query';
import { count } from '@/format/number.ts';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { Findings } from './diff.tsx';

export function Checks() {
  const trpc = useTRPC();
  const query = useQuery(trpc.config.check.queryOptions());
  return (
    <Card title="Checks" hint={<Updated query={query} />}>
      <Loaded query={query} rows={4}>
        {({ revision, findings, total }) => (
          <div className="space-y-3">
            <p role="status" className="text-sm text-muted">
              {total === 0 ? `Nothing is odd in revision ${revision}.` : `${count(total)} found in revision ${revision}.`}
            </p>
            <Findings findings={findings} />
          </div>
        )}
      </Loaded>
    </Card>
  );
}
