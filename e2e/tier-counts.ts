// What the test runners' JSON reports say: numbers, and the names of what was skipped and of what failed.
export type Counts = { passed: number; failed: number; skipped: number; skippedNames: string[]; failedNames: string[] };

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Of vitest's JSON reporter. A file that could not even be loaded counts as one failure. */
export function vitestCounts(text: string): Counts {
  const report = fieldsOf(JSON.parse(text));
  const failedTests = numberOf(report['numFailedTests']);
  const files = listOf(report['testResults']);
  const tests = files.flatMap((file) => listOf(file['assertionResults']));
  const skipped = tests.filter((test) => ['pending', 'skipped', 'todo'].includes(textOf(test['status'])));
  // The name of the outermost block says why, where a whole block is skipped.
  const names = skipped.map(
    (test) => (Array.isArray(test['ancestorTitles']) ? textOf(test['ancestorTitles'][0]) : '') || textOf(test['title']),
  );
  const failed = tests.filter((test) => test['status'] === 'failed').map((test) => textOf(test['fullName']));
  const unloaded = files.filter((file) => file['status'] === 'failed' && listOf(file['assertionResults']).length === 0);
  return {
    passed: numberOf(report['numPassedTests']),
    failed: failedTests > 0 ? failedTests : numberOf(report['numFailedTestSuites']),
    skipped: skipped.length,
    skippedNames: [...new Set(names)],
    failedNames: [...failed, ...unloaded.map((file) => textOf(file['name']))],
  };
}

function specsWith(suite: Fields, statuses: readonly string[]): string[] {
  const own = listOf(suite['specs']).filter((spec) => listOf(spec['tests']).some((test) => statuses.includes(textOf(test['status']))));
  return [...own.map((spec) => textOf(spec['title'])), ...listOf(suite['suites']).flatMap((inner) => specsWith(inner, statuses))];
}

/** Of Playwright's JSON reporter. A flaky test has failed once: it counts as failed. */
export function playwrightCounts(text: string): Counts {
  const report = fieldsOf(JSON.parse(text));
  const stats = fieldsOf(report['stats']);
  const suites = listOf(report['suites']);
  return {
    passed: numberOf(stats['expected']),
    failed: numberOf(stats['unexpected']) + numberOf(stats['flaky']),
    skipped: numberOf(stats['skipped']),
    skippedNames: suites.flatMap((suite) => specsWith(suite, ['skipped'])),
    failedNames: suites.flatMap((suite) => specsWith(suite, ['unexpected', 'flaky'])),
  };
}
