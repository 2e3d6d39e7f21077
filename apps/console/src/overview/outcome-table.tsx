// The chart's numbers as a table, newest minute first.
import { count } from '@/format/number.ts';
import { minuteUtc } from '@/format/time.ts';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { thinned, type OutcomeMinute } from './outcome-series.ts';

const maxRows = 120;

export function OutcomeTable({ series }: { series: readonly OutcomeMinute[] }) {
  const rows = thinned(series, maxRows).toReversed();
  return (
    <Table
      label="Outcomes per minute"
      head={['Minute (UTC)', 'Accepted', 'Delivered', 'Deferred', 'Bounced', 'Expired', 'Cancelled']}
      className="max-h-80 overflow-y-auto"
    >
      {rows.map((minute) => (
        <Row key={minute.minute}>
          <Name>{minuteUtc(minute.minute)}</Name>
          <Cell>{count(minute.accepted)}</Cell>
          <Cell>{count(minute.delivered)}</Cell>
          <Cell>{count(minute.deferred)}</Cell>
          <Cell>{count(minute.bounced)}</Cell>
          <Cell>{count(minute.expired)}</Cell>
          <Cell>{count(minute.cancelled)}</Cell>
        </Row>
      ))}
    </Table>
  );
}
