'use client';
// Differences by name and field, and plans: what would change, what is wrong with it, what mail it touches. A difference may be long, such as
// the first revision with its hundreds of presets, so rows and fields past the first ones are drawn when they are asked for.
import { useState } from 'react';
import type { ConfigDiffItem, ConfigFinding, ConfigPlan } from '@sluice/contract/api';
import { count, plural } from '@/format/number.ts';
import { Button } from '@/ui/button.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';

const actions = {
  add: { word: 'Added', tone: 'good' },
  change: { word: 'Changed', tone: 'info' },
  remove: { word: 'Removed', tone: 'bad' },
} as const;

export const kindWords = (kind: string): string => kind.replaceAll('_', ' ');

/** Rows that are drawn at first, and with each press. */
const rowsAtOnce = 50;
/** Fields of a row that are drawn at first. */
const fieldsAtOnce = 8;
/** In a longer difference what is added is at first only its name: all of its fields are new. */
const longDifference = 20;

function FieldLine({ field, from, to }: ConfigDiffItem['fields'][number]) {
  return (
    <li>
      <Mono>{field}</Mono>
      <span className="text-muted">: </span>
      {from !== null && <Mono className="text-bad-text line-through">{from}</Mono>}
      {from !== null && to !== null && (
        <>
          <span aria-hidden> → </span>
          <span className="sr-only"> becomes </span>
        </>
      )}
      {to !== null && <Mono className="text-good-text">{to}</Mono>}
      {to === null && <span className="text-muted"> (gone)</span>}
    </li>
  );
}

function Fields({ item, folded }: { item: ConfigDiffItem; folded: boolean }) {
  const [all, setAll] = useState(false);
  if (item.action === 'remove') return <span className="text-muted">All of it</span>;
  const shown = all ? item.fields : item.fields.slice(0, folded ? 0 : fieldsAtOnce);
  const left = item.fields.length - shown.length;
  const more = plural(left, shown.length > 0 ? 'more field' : 'field');
  return (
    <>
      {shown.length > 0 && (
        <ul className="space-y-1">
          {shown.map((change) => (
            <FieldLine key={change.field} {...change} />
          ))}
        </ul>
      )}
      {left > 0 && (
        <Button look="quiet" className="-ml-3" aria-label={`Show ${more} of ${item.name}`} onClick={() => setAll(true)}>
          {more}
        </Button>
      )}
    </>
  );
}

/** Where the rest of a difference comes from. */
type Rest = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
type DiffTableProps = { items: readonly ConfigDiffItem[]; total: number; label: string; rest?: Rest };

/** `total` counts all of them; `items` are those that were fetched. Without `rest` there is no way to the others here, and their number is said. */
export function DiffTable({ items, total, label, rest }: DiffTableProps) {
  const [wanted, setWanted] = useState(rowsAtOnce);
  const shown = items.slice(0, wanted);
  const reachable = rest ? total : items.length;
  const next = Math.min(rowsAtOnce, reachable - shown.length);
  const showNext = (): void => {
    setWanted(shown.length + next);
    if (rest?.hasNextPage && shown.length + next > items.length) rest.fetchNextPage();
  };
  return (
    <>
      <Table label={label} head={['What', 'How', 'Fields']}>
        {shown.map((item) => (
          <Row key={`${item.kind}:${item.id}`}>
            <Name>
              <span className="block text-xs font-normal text-muted">{kindWords(item.kind)}</span>
              {item.name}
            </Name>
            <Cell>
              <Status tone={actions[item.action].tone}>{actions[item.action].word}</Status>
            </Cell>
            <Cell className="min-w-72">
              <Fields item={item} folded={total > longDifference && item.action === 'add'} />
            </Cell>
          </Row>
        ))}
      </Table>
      {total > shown.length && (
        <div className="flex flex-wrap items-center gap-3 border-t border-border p-3">
          {next > 0 && (
            <Button onClick={showNext} disabled={rest?.isFetchingNextPage}>
              {rest?.isFetchingNextPage ? 'Loading…' : `Show the next ${count(next)}`}
            </Button>
          )}
          <p className="text-sm text-muted">
            {count(shown.length)} of {count(total)} shown{next > 0 ? '.' : '; the others are not.'}
          </p>
        </div>
      )}
    </>
  );
}

export function Findings({ findings }: { findings: readonly ConfigFinding[] }) {
  return (
    <ul aria-label="Findings" className="space-y-2 text-sm">
      {findings.map(({ level, about, field, message, line, column }, index) => (
        <li key={index} className="flex flex-wrap items-baseline gap-2">
          <Status tone={level === 'error' ? 'bad' : 'warn'}>{level === 'error' ? 'Error' : 'Warning'}</Status>
          {line !== null && (
            <span className="text-muted">
              line {line}, column {column ?? 1}
            </span>
          )}
          <span className="font-medium">{about}</span>
          {field !== '' && <Mono>{field}</Mono>}
          <span>{message}</span>
        </li>
      ))}
    </ul>
  );
}

function touchesInWords({ queues, messages, exact, sources, tenants, silent }: NonNullable<ConfigPlan['touches']>): string {
  const about = exact ? '' : 'about ';
  const named = [
    sources.length > 0 && `sources ${sources.join(', ')}`,
    tenants.length > 0 && `tenants ${tenants.join(', ')}`,
    silent.length > 0 && `no answer from ${silent.join(', ')}`,
  ].filter(Boolean);
  return `Touches ${about}${plural(messages, 'waiting message')} in ${plural(queues, 'queue')}${named.length > 0 ? `; ${named.join('; ')}` : ''}.`;
}

export function PlanView({ plan, label }: { plan: ConfigPlan; label: string }) {
  const { add, change, remove } = plan.counts;
  return (
    <div className="space-y-3">
      <p role="status" className="text-sm font-medium">
        {plan.total === 0
          ? 'Nothing changes.'
          : `${count(add)} to add, ${count(change)} to change, ${count(remove)} to remove, on revision ${plan.baseRevision}.`}
      </p>
      {plan.touches && <p className="text-sm">{touchesInWords(plan.touches)}</p>}
      {plan.notes.length > 0 && (
        <ul aria-label="Notes" className="list-disc space-y-1 pl-5 text-sm">
          {plan.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {plan.findings.length > 0 && <Findings findings={plan.findings} />}
      {plan.items.length > 0 && <DiffTable items={plan.items} total={plan.total} label={label} />}
    </div>
  );
}

export const hasErrors = ({ findings }: ConfigPlan): boolean => findings.some(({ level }) => level === 'error');
