'use client';
// What a command would touch if it were given now, counted by the nodes anew while its dialog is open.
import { useQuery } from '@tanstack/react-query';
import type { CommandScope, operatorCommandKinds } from '@sluice/contract';
import { count } from '@/format/number.ts';
import { useTRPC } from '@/trpc/client.ts';
import { explain } from '@/ui/states.tsx';

export function Touches({ kind, scope }: { kind: (typeof operatorCommandKinds)[number]; scope: CommandScope }) {
  const trpc = useTRPC();
  const preview = useQuery(trpc.commands.preview.queryOptions({ kind, scope }, { refetchInterval: 5_000, staleTime: 0 }));
  if (preview.error) return <p className="text-sm text-bad-text">What it touches could not be read. {explain(preview.error)}</p>;
  if (!preview.data) return <p className="text-sm text-muted">Counting what it touches…</p>;
  const { matched, ready, inFlight, exact, nodes } = preview.data;
  const notes = nodes.filter((node) => node.note !== '');
  return (
    <ul aria-label="What it touches now" className="list-inside list-disc rounded-md bg-sunken p-3 text-sm">
      <li>
        {exact ? '' : 'About '}
        {count(matched)} entries {exact ? '(exact)' : '(estimate)'}
        {scope.node !== undefined && `: ${count(ready)} of them ready, ${count(inFlight)} in an attempt`}
      </li>
      {notes.map((node) => (
        <li key={node.node}>
          {node.node}: {node.note}
        </li>
      ))}
    </ul>
  );
}
