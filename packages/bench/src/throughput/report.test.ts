// The figures that are published are medians of runs, and the ratio is ours by theirs.
import { expect, test } from 'vitest';
import { median, resultLine, table } from './report.ts';

const run = (value: number) => ({
  acceptedPerSecond: value,
  deliveredPerSecond: value * 2,
  cpuSecondsPer1000: value / 10,
  residentMb: value + 1,
});

test('a median is the middle value, or the mean of the middle two', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
});

test('takes the median of each figure apart and divides delivered by delivered', () => {
  const line = resultLine('throughput', 4096, true, [run(300), run(100), run(200)], [run(50), run(40), run(90)]);
  expect(line).toEqual({
    case: 'throughput',
    size: 4096,
    dkim: true,
    sluice: { acceptedPerSecond: 200, deliveredPerSecond: 400, cpuSecondsPer1000: 20, residentMb: 201 },
    peer: { acceptedPerSecond: 50, deliveredPerSecond: 100, cpuSecondsPer1000: 5, residentMb: 51 },
    ratio: 4,
  });
  expect(table(line, 'Postfix').split('\n').at(-1)).toBe('delivered: 4 times Postfix');
});

test('without a peer there is no ratio', () => {
  expect(resultLine('throughput', 4096, false, [run(1)], [])).toMatchObject({ peer: null, ratio: null });
});
