/** The smallest value that `percent` of them do not exceed, with one decimal. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? NaN;
  return Math.round(value * 10) / 10;
}
