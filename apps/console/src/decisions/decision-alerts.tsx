'use client';
// On the Overview: the decisions of the last day that an operator should look at. Nothing while there are none.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useLive } from '@/live/live-context.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Updated } from '@/ui/loaded.tsx';
import { DecisionTable } from './decisions.tsx';

const pollMs = 10_000;
const shown = 5;

export function DecisionAlerts() {
  const trpc = useTRPC();
  const { paused } = useLive();
  const input = { alerts: true, hours: 24, limit: shown };
  const alerts = useQuery(trpc.decisions.list.queryOptions(input, { refetchInterval: paused ? false : pollMs }));
  if (alerts.data === undefined || alerts.data.items.length === 0) return null;
  const more = (
    <Link href="/decisions?show=alerts" prefetch={false} className="text-sm text-accent-strong underline">
      All alerts
    </Link>
  );
  return (
    <Card title="Needs a look" hint={<Updated query={alerts} />} actions={more} flush>
      <DecisionTable decisions={alerts.data.items} label="Alerts of the last day" />
    </Card>
  );
}
