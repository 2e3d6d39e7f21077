// The two tables of refusals as Markdown, for docs/api.md: made from the contract, so that the page cannot say something else.
import { errorCodes, errorReasons } from '@sluice/contract/api';

const rows = (cells: readonly (readonly string[])[]): string => cells.map((row) => `| ${row.join(' | ')} |`).join('\n');

export function codeTable(): string {
  const all = Object.entries(errorCodes).map(([code, { status, means, again }]) => [`\`${code}\``, String(status), means, again]);
  return `| code | status | means | again |\n|---|---|---|---|\n${rows(all)}`;
}

export function reasonTable(): string {
  const all = Object.entries(errorReasons).map(([reason, { code, means }]) => [`\`${reason}\``, `\`${code}\``, means]);
  return `| reason | code | means |\n|---|---|---|\n${rows(all)}`;
}
