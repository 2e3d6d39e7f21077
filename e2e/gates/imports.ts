// Checks every import of every workspace against workspace-rules.ts. It reads the text of the imports only, which is enough: a specifier
// is a literal, and what cannot be read as one (a computed import) is reported.
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { browserAllows, pureBuiltins, pureWorkspaces, testExtras, workspaceRules, type WorkspaceRule } from './workspace-rules.ts';

export type ImportFound = { specifier: string; typeOnly: boolean; line: number };
export type Violation = { file: string; line: number; message: string };

const sourceFile = /\.(?:ts|tsx|mts|js|mjs)$/;
const skipped = /^(?:node_modules|\.next|generated|test-results|playwright-report|var|\.tmp)$/;
const testFile = /\.test\.tsx?$|(?:^|\/)testing\//;
const statement = /(?:^|[;}\n])\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/g;
const call = /\bimport\s*\(\s*(?:['"]([^'"]+)['"]|([^)'"]))/g;

/** Blanks out comments, keeping line numbers. */
function withoutComments(text: string): string {
  const blank = (match: string): string => match.replaceAll(/[^\n]/g, ' ');
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, blank).replaceAll(/^(\s*)\/\/.*$/gm, blank);
}

export function importsOf(source: string): ImportFound[] {
  const text = withoutComments(source);
  const lineAt = (index: number): number => text.slice(0, index).split('\n').length;
  const found: ImportFound[] = [];
  for (const match of text.matchAll(statement))
    found.push({ specifier: match[2] ?? '', typeOnly: match[1] !== undefined, line: lineAt(match.index + match[0].length) });
  for (const match of text.matchAll(call)) found.push({ specifier: match[1] ?? '(computed)', typeOnly: false, line: lineAt(match.index) });
  return found;
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:') || builtinModules.includes(specifier);

function problemOf(file: string, rule: WorkspaceRule, found: ImportFound, isTest: boolean, isBrowser: boolean): string | null {
  const { specifier, typeOnly } = found;
  if (specifier === '(computed)') return isTest ? null : 'imports a computed name';
  if (specifier.startsWith('.') || specifier.startsWith('@/')) {
    const leaves = specifier.startsWith('.') && relative(rule.folder, resolve('/', dirname(file), specifier).slice(1)).startsWith('..');
    return leaves ? `reaches out of its workspace by path: ${specifier}` : null;
  }
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith('node:')) return `imports ${specifier} without the node: prefix`;
    if (isBrowser) return `runs in the browser and imports ${specifier}`;
    const impure = pureWorkspaces.includes(rule.folder) && !pureBuiltins.includes(specifier) && !isTest;
    return impure ? `does no I/O and may not import ${specifier}` : null;
  }
  if (specifier.startsWith('@sluice/')) {
    const allowed = isBrowser ? browserAllows.workspaces : [...rule.workspaces, ...(isTest ? testExtras.workspaces : [])];
    const types = isBrowser ? browserAllows.typesOf : (rule.typesOf ?? []);
    if (allowed.includes(specifier) || (typeOnly && types.includes(specifier))) return null;
    return types.includes(specifier) ? `may import only types of ${specifier}` : `may not import ${specifier}`;
  }
  const name = packageName(specifier);
  if (rule.packages.includes(name) || (isTest && testExtras.packages.includes(name))) return null;
  return typeOnly && rule.packages.includes(name) ? null : `may not import the package ${name}`;
}

/** Violations of one file, by its path below the root. */
export function checkFile(file: string, source: string): Violation[] {
  const rule = workspaceRules.find((candidate) => file.startsWith(`${candidate.folder}/`));
  if (rule === undefined) return [{ file, line: 1, message: 'lies in a workspace without import rules (e2e/gates/workspace-rules.ts)' }];
  const isBrowser = /^\s*['"]use client['"]/.test(withoutComments(source));
  // Configurations are read by their tools; the test of this file is full of broken imports.
  const isConfig = /\.config\.m?[jt]s$|^e2e\/gates\/imports\.test\.ts$/.test(file);
  if (isConfig) return [];
  return importsOf(source).flatMap((found) => {
    const problem = problemOf(file, rule, found, testFile.test(file), isBrowser);
    return problem === null ? [] : [{ file, line: found.line, message: `${rule.folder} ${problem}` }];
  });
}

function sourcesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.test(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sourcesUnder(path) : sourceFile.test(entry.name) ? [path] : [];
  });
}

/** All violations below the root, and how many files were read: a check over nothing is no check. */
export function checkImports(root: string): { files: number; violations: Violation[] } {
  const files = ['apps', 'packages', 'prisma', 'e2e'].flatMap((folder) => sourcesUnder(join(root, folder)));
  const violations = files.flatMap((path) => checkFile(relative(root, path), readFileSync(path, 'utf8')));
  return { files: files.length, violations };
}
