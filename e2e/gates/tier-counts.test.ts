// The counts of `npm test` from the runners' reports.
import { expect, test } from 'vitest';
import { playwrightCounts, vitestCounts } from '../tier-counts.ts';

test('a skipped block of vitest is named once, by its own title', () => {
  const skipped = { status: 'pending', ancestorTitles: ['mail to Postfix (skipped: no postfix)'], title: 'a' };
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numFailedTestSuites: 1,
    testResults: [{ assertionResults: [skipped, { ...skipped, title: 'b' }, { status: 'passed', title: 'c' }] }],
  };
  expect(vitestCounts(JSON.stringify(report))).toEqual({
    passed: 3,
    failed: 1,
    skipped: 2,
    skippedNames: ['mail to Postfix (skipped: no postfix)'],
  });
});

test('a vitest file that does not load is a failure', () => {
  const report = { numPassedTests: 3, numFailedTests: 0, numFailedTestSuites: 1, testResults: [] };
  expect(vitestCounts(JSON.stringify(report))).toMatchObject({ passed: 3, failed: 1 });
});

test('a flaky browser test counts as failed, and skipped ones are named', () => {
  const suites = [
    {
      suites: [
        {
          specs: [
            { title: 'signs in', tests: [{ status: 'skipped' }] },
            { title: 'x', tests: [{ status: 'expected' }] },
          ],
        },
      ],
    },
  ];
  const report = { stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 1 }, suites };
  expect(playwrightCounts(JSON.stringify(report))).toEqual({ passed: 4, failed: 2, skipped: 1, skippedNames: ['signs in'] });
});
