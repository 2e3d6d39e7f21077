// What the test runners' JSON reports say: numbers, and the names of what was skipped.
export type Counts = { passed: number; failed: number; skipped: number; skippedNames: string[] };

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Of vitest's JSON reporter. A file that could not even be loaded counts as one failure. */
export function vitestCounts(text: string): Counts {
  const report = fieldsOf(JSON.parse(text));
  const failedTests = numberOf(report['numFailedTests']);
  const skipped = listOf(report['testResults'])
    .flatMap((file) => listOf(file['assertionResults']))
    .filter((test) => ['pending', 'skipped', 'todo'].includes(textOf(test['status'])));
  // The name of the outermost block says why, where a whole block is skipped.
  const names = skipped.map(
    (test) => (Array.isArray(test['ancestorTitles']) ? textOf(test['ancestorTitles'][0]) : '') || textOf(test['title']),
  );
  return {
    passed: numberOf(report['numPassedTests']),
    failed: failedTests > 0 ? failedTests : numberOf(report['numFailedTestSuites']),
    skipped: skipped.length,
    skippedNames: [...new Set(names)],
  };
}

function skippedSpecs(suite: Fields): string[] {
  const own = listOf(suite['specs']).filter((spec) => listOf(spec['tests']).some((test) => test['status'] === 'skipped'));
  return [...own.map((spec) => textOf(spec['title'])), ...listOf(suite['suites']).flatMap(skippedSpecs)];
}

/** Of Playwright's JSON reporter. A flaky test has failed once: it counts as failed. */
export function playwrightCounts(text: string): Counts {
  const report = fieldsOf(JSON.parse(text));
  const stats = fieldsOf(report['stats']);
  return {
    passed: numberOf(stats['expected']),
    failed: numberOf(stats['unexpected']) + numberOf(stats['flaky']),
    skipped: numberOf(stats['skipped']),
    skippedNames: listOf(report['suites']).flatMap(skippedSpecs),
  };
}
