'use client';
// Outcomes as a stacked area, accepted mail as a dashed line over it. Attempts by minute, UTC; the table beside it holds the same numbers.
import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { count } from '@/format/number.ts';
import { minuteUtc } from '@/format/time.ts';
import { axis, HintBox, pointOf, type Hovered } from '@/ui/chart.tsx';
import { outcomes } from '@/ui/status.tsx';
import { outcomeKeys, thinned, type OutcomeMinute } from './outcome-series.ts';

const maxPoints = 240;

function Hint(hovered: Hovered<OutcomeMinute>) {
  const minute = pointOf(hovered);
  if (!minute) return null;
  return (
    <HintBox title={`${minuteUtc(minute.minute)} UTC`}>
      {(['accepted', ...outcomeKeys] as const).map((key) => (
        <p key={key} className="flex items-center gap-2">
          <span aria-hidden className="size-2.5 rounded-sm" style={{ background: outcomes[key].colour }} />
          {outcomes[key].word}
          <span className="ml-auto pl-4">{count(minute[key])}</span>
        </p>
      ))}
    </HintBox>
  );
}

export function OutcomeChart({ series, now }: { series: readonly OutcomeMinute[]; now: string }) {
  // The minute that is still filling would read as a fall.
  const points = thinned(series.slice(0, -1), maxPoints);
  return (
    <figure className="m-0" aria-label={`Outcomes by minute until ${minuteUtc(now)} UTC. The same numbers are in the table view.`}>
      <div className="h-64">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 800, height: 256 }}>
          <ComposedChart data={points} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer>
            <CartesianGrid stroke="var(--border)" vertical={false} />
            <XAxis dataKey="minute" tickFormatter={minuteUtc} minTickGap={48} {...axis} />
            <YAxis width={44} allowDecimals={false} tickFormatter={count} axisLine={false} {...axis} />
            <Tooltip content={Hint} cursor={{ stroke: 'var(--border-strong)' }} isAnimationActive={false} />
            {outcomeKeys.map((key) => (
              <Area
                key={key}
                type="linear"
                dataKey={key}
                name={outcomes[key].word}
                stackId="outcome"
                stroke={outcomes[key].colour}
                fill={outcomes[key].colour}
                fillOpacity={0.55}
                strokeWidth={1.5}
                isAnimationActive={false}
              />
            ))}
            <Line
              type="linear"
              dataKey="accepted"
              name="Accepted"
              stroke={outcomes.accepted.colour}
              strokeDasharray="5 4"
              strokeWidth={1.5}
              dot={false}
              isAnimationActive={false}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      <figcaption className="mt-1 text-xs text-muted">Attempts per whole minute, times in UTC.</figcaption>
    </figure>
  );
}
