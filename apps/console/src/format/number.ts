// Numbers as operators read them: grouped digits, one spelling everywhere, no false precision.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(value);

/** `12.4/s`, `1,203/s`; a rate that is not zero never reads as zero. */
export function perSecond(rate: number): string {
  if (rate > 0 && rate < 0.1) return '<0.1/s';
  return rate < 100 ? `${rate.toFixed(1)}/s` : `${whole.format(rate)}/s`;
}

/** `98.3%`; 100% only when nothing is missing. Null without a base. */
export function share(part: number, total: number): string | null {
  if (total <= 0) return null;
  const percent = (part / total) * 100;
  if (percent > 99.9 && part < total) return '>99.9%';
  return Number.isInteger(percent) ? `${percent}%` : `${percent.toFixed(1)}%`;
}

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < binaryUnits.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${binaryUnits[unit] ?? 'B'}`;
}

/** `120 ms`, `4.2 s` */
export const milliseconds = (value: number): string => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);

/** `1 node`, `3 nodes` */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;
