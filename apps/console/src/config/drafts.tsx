'use client';
// Drafts: edits that are gathered and become one revision when they are published.
import { useQuery } from '@tanstack/react-query';
import { stampUtc } from '@/format/time.ts';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { PlanView } from './diff.tsx';
import { LockField } from './roll-back.tsx';

type Draft = { id: string; name: string; author: string; baseRevision: number; updatedAt: string; mine: boolean };

function DraftPlan({ draft }: { draft: Draft }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.config.planDraft.queryOptions({ id: draft.id }, { staleTime: 0 }));
  return (
    <Loaded query={query} rows={3}>
      {(plan) => (
        <>
          <PlanView plan={plan} label={`What ${draft.name} would change`} />
          {plan.moved.length > 0 && (
            <label className="flex items-start gap-2 rounded-md bg-warn-soft p-3 text-sm text-warn-text">
              <input type="checkbox" name="overwrite" className="mt-0.5 size-4 accent-accent" />
              Others changed since revision {draft.baseRevision}: {plan.moved.join(', ')}. Publish over it.
            </label>
          )}
        </>
      )}
    </Loaded>
  );
}

function Publish({ draft }: { draft: Draft }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Publish"
      triggerLabel={`Publish ${draft.name}`}
      title={`Publish ${draft.name}`}
      touches="All of its edits become one revision under your name. The draft is gone afterwards."
      confirm="Publish the draft"
      run={async (form, reason) => {
        const lock = textOf(form, 'lock');
        const input = { id: draft.id, overwrite: form.get('overwrite') !== null, reason, ...(lock !== '' && { lock }) };
        const { revision } = await client.config.publishDraft.mutate(input);
        return { done: `Published as revision ${revision}.` };
      }}
    >
      <DraftPlan draft={draft} />
      <LockField />
    </ActionDialog>
  );
}

function Discard({ draft }: { draft: Draft }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Discard"
      triggerLabel={`Discard ${draft.name}`}
      title={`Discard ${draft.name}`}
      touches="The draft is deleted. The configuration stays as it is."
      confirm="Discard the draft"
      danger
      askReason={false}
      run={async () => {
        await client.config.discardDraft.mutate({ id: draft.id });
        return { done: 'Discarded.' };
      }}
    />
  );
}

export function Drafts() {
  const trpc = useTRPC();
  const query = useQuery(trpc.config.drafts.queryOptions(undefined, { refetchInterval: 15_000 }));
  return (
    <Card title="Drafts" flush>
      <Loaded query={query} rows={3}>
        {(drafts) =>
          drafts.length === 0 ? (
            <NothingYet title="No drafts">Plan a text under Text and save it as a draft: its edits become one revision later.</NothingYet>
          ) : (
            <Table label="Drafts" head={['Draft', 'By', 'Begun on revision', 'Saved (UTC)']} actions>
              {drafts.map((draft) => (
                <Row key={draft.id}>
                  <Name>{draft.name}</Name>
                  <Cell>{draft.mine ? 'you' : draft.author}</Cell>
                  <Cell>{draft.baseRevision}</Cell>
                  <Cell className="whitespace-nowrap">{stampUtc(draft.updatedAt)}</Cell>
                  <Cell className="space-x-2 text-right whitespace-nowrap">
                    <Publish draft={draft} />
                    <Discard draft={draft} />
                  </Cell>
                </Row>
              ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}
