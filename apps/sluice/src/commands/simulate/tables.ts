// What a simulation came to, as an operator reads it: a row for each provider, two configurations side by side where two were tried.
import type { ProviderReport, SimulationReport } from '@sluice/engine/offline';
import { print, printable } from '../outcome.ts';

const minuteMs = 60_000;

/** `45 s`, `12 min`, `3.5 h`, `2.1 d`. */
export function span(ms: number | null): string {
  if (ms === null) return 'never';
  if (ms < minuteMs) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 120 * minuteMs) return `${(ms / minuteMs).toFixed(ms < 10 * minuteMs ? 1 : 0)} min`;
  return ms < 48 * 60 * minuteMs ? `${(ms / (60 * minuteMs)).toFixed(1)} h` : `${(ms / (1440 * minuteMs)).toFixed(1)} d`;
}

const share = (part: number, of: number): string => (of === 0 ? '-' : `${((100 * part) / of).toFixed(1)} %`);

type Column = { head: string; of: (report: ProviderReport) => string };
const columns: readonly Column[] = [
  { head: 'recipients', of: ({ accepted }) => String(accepted) },
  { head: 'delivered', of: ({ delivered }) => String(delivered) },
  { head: 'bounced', of: ({ bounced }) => String(bounced) },
  { head: 'expired', of: ({ expired }) => String(expired) },
  { head: 'left', of: ({ left }) => String(left) },
  { head: 'attempts', of: ({ attempts }) => String(attempts) },
  { head: 'deferred', of: ({ deferrals, attempts }) => share(deferrals, attempts) },
  { head: 'median', of: ({ medianMs }) => (medianMs === null ? '-' : span(medianMs)) },
  { head: '95 %', of: ({ ninetyFifthMs }) => (ninetyFifthMs === null ? '-' : span(ninetyFifthMs)) },
  { head: 'drained after', of: ({ drainMs }) => span(drainMs) },
  { head: 'blocked', of: ({ blockedSourceMinutes }) => span(blockedSourceMinutes * minuteMs) },
];

export function printReport({ report, seconds }: { report: SimulationReport; seconds: number }): void {
  const { arrivals, firstArrivalMs, lastArrivalMs, endMs, strangers, decisionsInAll, mostWaiting } = report;
  print(
    `${arrivals} recipients from ${instant(firstArrivalMs)} to ${instant(lastArrivalMs)}, ended ${instant(endMs)}; ${seconds.toFixed(1)} s`,
  );
  if (strangers > 0) print(`${strangers} were left out: their tenant or stream is not in the configuration`);
  printRows([['provider', ...columns.map(({ head }) => head)], ...report.providers.map(rowOf)]);
  print(`at most ${mostWaiting} waited at once; the engine decided ${decisionsInAll} times by itself`);
}

const rowOf = (provider: ProviderReport): string[] => [provider.provider, ...columns.map(({ of }) => of(provider))];

/** The two under each other for each provider, so that a difference meets the eye. */
export function printComparison(names: readonly [string, string], first: SimulationReport, second: SimulationReport): void {
  const providers = [...new Set([...first.providers, ...second.providers].map(({ provider }) => provider))];
  const rows = providers.flatMap((provider) =>
    [first, second].map((report, index) => {
      const found = report.providers.find((one) => one.provider === provider);
      const cells = found ? rowOf(found).slice(1) : columns.map(() => '-');
      return [index === 0 ? provider : '', names[index] ?? '', ...cells];
    }),
  );
  print('side by side:');
  printRows([['provider', 'configuration', ...columns.map(({ head }) => head)], ...rows]);
}

export function printRows(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    print(
      printable(
        `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`,
      ),
    );
}

const instant = (ms: number): string => new Date(ms).toISOString().slice(0, 19).concat('Z');
