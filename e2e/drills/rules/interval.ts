// The mean of a few paired differences with its 95 % interval, by Student's t.

/** Two-sided 95 % quantiles for 1, 2, ... degrees of freedom; past the end the last is near enough. */
const quantiles = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1, 2.09, 2.09];

export function meanWithin(values: readonly number[]): { mean: number; from: number; to: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const quantile = quantiles[Math.min(values.length - 2, quantiles.length - 1)] ?? NaN;
  const half = quantile * Math.sqrt(variance / values.length);
  return { mean, from: mean - half, to: mean + half };
}
