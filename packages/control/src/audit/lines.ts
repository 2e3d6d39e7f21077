// Audit entries as lines of a file: one JSON object each, or CSV for a spreadsheet. A cell that a spreadsheet would take for a formula gets
// an apostrophe in front.
import type { AuditDetail, auditFormats } from '@sluice/contract/api';

type AuditFormat = (typeof auditFormats)[number];

const columns = [
  ...(['seq', 'at', 'actorKind', 'actor', 'action', 'target', 'tenantId', 'reason', 'requestId', 'address', 'revision'] as const),
  ...(['before', 'after', 'hash', 'id'] as const),
];

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With line ends; the head line of a CSV when `head` is set. */
export function auditLines(entries: readonly AuditDetail[], format: AuditFormat, head: boolean): string {
  if (format === 'ndjson') return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const lines = entries.map((entry) => columns.map((column) => cell(entry[column])).join(','));
  return [...(head ? [columns.join(',')] : []), ...lines].map((line) => `${line}\r\n`).join(''); // RFC 4180 section 2
}
