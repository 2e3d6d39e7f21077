'use client';
// Ceilings of the days as steps, what was attempted as bars. The table beside it holds the same numbers.
import type { WarmUpDay } from '@sluice/contract';
import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { count } from '@/format/number.ts';
import { axis, HintBox, pointOf, type Hovered } from '@/ui/chart.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { verdictWords } from './words.ts';

function Hint(hovered: Hovered<WarmUpDay>) {
  const day = pointOf(hovered);
  if (!day) return null;
  return (
    <HintBox title={day.date}>
      <p>
        {count(day.attempted)} of {count(day.ceiling)} attempted
      </p>
      <p>{day.verdict === null ? 'not over, or different for its sources' : verdictWords[day.verdict]}</p>
    </HintBox>
  );
}

export function PlanChart({ days }: { days: readonly WarmUpDay[] }) {
  return (
    <figure className="m-0" aria-label="Ceiling and attempts of each day. The same numbers are in the table view.">
      <div className="h-64">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 800, height: 256 }}>
          <ComposedChart data={[...days]} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer>
            <CartesianGrid stroke="var(--border)" vertical={false} />
            <XAxis dataKey="date" minTickGap={48} {...axis} />
            <YAxis width={56} allowDecimals={false} tickFormatter={count} axisLine={false} {...axis} />
            <Tooltip content={Hint} cursor={{ fill: 'var(--sunken)' }} isAnimationActive={false} />
            <Bar dataKey="attempted" name="Attempted" fill="var(--delivered)" fillOpacity={0.55} isAnimationActive={false} />
            <Line
              type="step"
              dataKey="ceiling"
              name="Ceiling"
              stroke="var(--accepted)"
              strokeDasharray="5 4"
              strokeWidth={1.5}
              dot={false}
              isAnimationActive={false}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <figcaption className="mt-1 text-xs text-muted">
        Attempted recipients of each day as bars, the ceiling as a dashed line. Days are those of the plan&rsquo;s time zone.
      </figcaption>
    </figure>
  );
}

export function DayTable({ days }: { days: readonly WarmUpDay[] }) {
  return (
    <Table label="Days" head={['Date', 'Day', 'Ceiling', 'Attempted', 'Deferred', 'Blocked', 'Hard bounces', 'Complaints', 'Came to']}>
      {days.toReversed().map((day) => (
        <Row key={day.date}>
          <Name className="whitespace-nowrap">{day.date}</Name>
          <Cell>{day.stage}</Cell>
          <Cell>{count(day.ceiling)}</Cell>
          <Cell>{count(day.attempted)}</Cell>
          <Cell>{count(day.deferred)}</Cell>
          <Cell>{count(day.blocked)}</Cell>
          <Cell>{count(day.hardBounced)}</Cell>
          <Cell>{count(day.complaints)}</Cell>
          <Cell>{day.verdict === null ? '' : verdictWords[day.verdict]}</Cell>
        </Row>
      ))}
    </Table>
  );
}
