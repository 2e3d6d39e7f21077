// The counts of `npm test` from the runners' reports.
import { expect, test } from 'vitest';
import { playwrightCounts, vitestCounts } from '../tier-counts.ts';

test('a skipped block of vitest is named once, by its own title', () => {
  const skipped = { status: 'pending', ancestorTitles: ['mail to Postfix (skipped: no postfix)'], title: 'a' };
  const broken = { status: 'failed', title: 'd', fullName: 'mail d' };
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numFailedTestSuites: 1,
    testResults: [{ assertionResults: [skipped, { ...skipped, title: 'b' }, { status: 'passed', title: 'c' }, broken] }],
  };
  expect(vitestCounts(JSON.stringify(report))).toEqual({
    passed: 3,
    failed: 1,
    skipped: 2,
    skippedNames: ['mail to Postfix (skipped: no postfix)'],
    failedNames: ['mail d'],
  });
});

test('a vitest file that does not load is a failure with its name', () => {
  const testResults = [{ name: 'x.test.ts', status: 'failed', assertionResults: [] }];
  const report = { numPassedTests: 3, numFailedTests: 0, numFailedTestSuites: 1, testResults };
  expect(vitestCounts(JSON.stringify(report))).toMatchObject({ passed: 3, failed: 1, failedNames: ['x.test.ts'] });
});

test('a flaky browser test counts as failed and is named, as skipped ones are', () => {
  const suites = [
    {
      suites: [
        {
          specs: [
            { title: 'signs in', tests: [{ status: 'skipped' }] },
            { title: 'x', tests: [{ status: 'expected' }] },
            { title: 'y', tests: [{ status: 'flaky' }] },
          ],
        },
      ],
    },
  ];
  const report = { stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 1 }, suites };
  expect(playwrightCounts(JSON.stringify(report))).toEqual({
    passed: 4,
    failed: 2,
    skipped: 1,
    skippedNames: ['signs in'],
    failedNames: ['y'],
  });
});
