// Figures of runs to figures of a report. No process, no clock.

export type Figures = { acceptedPerSecond: number; deliveredPerSecond: number; cpuSecondsPer1000: number; residentMb: number };
export type ResultLine = { case: string; size: number; dkim: boolean; sluice: Figures; peer: Figures | null; ratio: number | null };

const figureNames = ['acceptedPerSecond', 'deliveredPerSecond', 'cpuSecondsPer1000', 'residentMb'] as const;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** The median of each figure apart. */
export function medians(runs: readonly Figures[]): Figures {
  const of = (name: (typeof figureNames)[number]) => rounded(median(runs.map((run) => run[name])));
  return {
    acceptedPerSecond: of('acceptedPerSecond'),
    deliveredPerSecond: of('deliveredPerSecond'),
    cpuSecondsPer1000: of('cpuSecondsPer1000'),
    residentMb: of('residentMb'),
  };
}

export function resultLine(name: string, size: number, dkim: boolean, sluice: readonly Figures[], peer: readonly Figures[]): ResultLine {
  const ours = medians(sluice);
  const theirs = peer.length === 0 ? null : medians(peer);
  const ratio = theirs === null ? null : rounded(ours.deliveredPerSecond / theirs.deliveredPerSecond);
  return { case: name, size, dkim, sluice: ours, peer: theirs, ratio };
}

/** A table for people, one line per product and the ratio last. */
export function table(line: ResultLine, peerName: string): string {
  const head = ['', 'accepted/s', 'delivered/s', 'CPU s per 1000', 'MB behind it'];
  const row = (name: string, figures: Figures) => [name, ...figureNames.map((figure) => String(figures[figure]))];
  const rows = [head, row('Sluice', line.sluice), ...(line.peer ? [row(peerName, line.peer)] : [])];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
  const ratio = line.ratio === null ? [] : [`delivered: ${line.ratio} times ${peerName}`];
  return [`${line.case}, ${line.size} octets${line.dkim ? ', DKIM RSA-2048' : ''}, medians`, ...lines, ...ratio].join('\n');
}
