// The chart in one sentence and as a legend with sums: what a reader who does not see the chart gets, and what everyone reads first.
import { count, share } from '@/format/number.ts';
import { outcomes } from '@/ui/status.tsx';
import { outcomeKeys, totalOf, type OutcomeMinute } from './outcome-series.ts';

export function OutcomeSummary({ series, range }: { series: readonly OutcomeMinute[]; range: string }) {
  const total = totalOf(series);
  const ended = total.delivered + total.bounced + total.expired + total.cancelled;
  return (
    <div className="mb-3 space-y-2">
      <p className="text-sm">
        In the last {range}: <strong>{count(total.accepted)}</strong> accepted, <strong>{count(total.delivered)}</strong> delivered
        {ended > 0 && ` (${share(total.delivered, ended) ?? ''} of what ended)`}, <strong>{count(total.deferred)}</strong> attempts
        deferred, <strong>{count(total.bounced)}</strong> bounced, <strong>{count(total.expired)}</strong> expired
        {total.cancelled > 0 && (
          <>
            , <strong>{count(total.cancelled)}</strong> cancelled
          </>
        )}
        .
      </p>
      <ul aria-label="Legend" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {outcomeKeys.map((key) => (
          <li key={key} className="flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-sm" style={{ background: outcomes[key].colour }} />
            {outcomes[key].word}
          </li>
        ))}
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="w-4 border-t-2 border-dashed" style={{ borderColor: outcomes.accepted.colour }} />
          Accepted
        </li>
      </ul>
    </div>
  );
}
