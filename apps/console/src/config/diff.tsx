'use client';
// Differences by name and field, and plans: what would change, what is wrong with it, what mail it touches.
import type { ConfigDiffItem, ConfigFinding, ConfigPlan } from '@sluice/contract/api';
import { count, plural } from '@/format/number.ts';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';

const actions = {
  add: { word: 'Added', tone: 'good' },
  change: { word: 'Changed', tone: 'info' },
  remove: { word: 'Removed', tone: 'bad' },
} as const;

export const kindWords = (kind: string): string => kind.replaceAll('_', ' ');

function Fields({ item }: { item: ConfigDiffItem }) {
  if (item.action === 'remove') return <span className="text-muted">All of it</span>;
  return (
    <ul className="space-y-1">
      {item.fields.map(({ field, from, to }) => (
        <li key={field}>
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
      ))}
    </ul>
  );
}

export function DiffTable({ items, total, label }: { items: readonly ConfigDiffItem[]; total: number; label: string }) {
  return (
    <>
      <Table label={label} head={['What', 'How', 'Fields']}>
        {items.map((item) => (
          <Row key={`${item.kind}:${item.id}`}>
            <Name>
              <span className="block text-xs font-normal text-muted">{kindWords(item.kind)}</span>
              {item.name}
            </Name>
            <Cell>
              <Status tone={actions[item.action].tone}>{actions[item.action].word}</Status>
            </Cell>
            <Cell className="min-w-72">
              <Fields item={item} />
            </Cell>
          </Row>
        ))}
      </Table>
      {total > items.length && <p className="p-4 text-sm text-muted">{count(total - items.length)} more are not shown.</p>}
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
