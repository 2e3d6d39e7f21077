// What the engine has counted of TLS, as it lies on its disk, and a report as its receiver reads it. RFC 8460 sections 4.4 and 5
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TlsReportCounts } from '@sluice/contract';
import type { World } from './world.ts';

export const dayMs = 86_400_000;
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** How much later it has to be for all reports of today to be due: by five in the morning of the next day. */
export const untilReportsMs = (nowMs: number): number => Date.parse(`${dayOf(nowMs + dayMs)}T05:00:00Z`) - nowMs;

type Kept = { domain: string; state: string; to: string[]; done: string[]; detail: string | null };

/** Complete since the last save only. */
export function keptOnDisk({ dataDir }: World): { counts: TlsReportCounts[]; reports: Map<string, Kept> } {
  const path = join(dataDir, 'sandbox', 'config', 'tls-reports.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  const values = lines.map((line) => JSON.parse(line) as { counts?: TlsReportCounts; report?: Kept });
  return {
    counts: values.flatMap(({ counts }) => counts ?? []),
    reports: new Map(values.flatMap(({ report }) => (report ? [[report.domain, report]] : []))),
  };
}

export type Report = {
  'date-range': { 'start-datetime': string; 'end-datetime': string };
  'contact-info': string;
  'report-id': string;
  policies: {
    policy: { 'policy-type': string; 'policy-domain': string };
    summary: { 'total-successful-session-count': number; 'total-failure-session-count': number };
    'failure-details'?: Record<string, unknown>[];
  }[];
};

/** What a field may hold: text of a pattern, an amount, a list that is not empty, or further fields; `?` marks what may be missing. */
type Shape = RegExp | 'amount' | { list: Shape } | { fields: { [name: string]: Shape } };

const domain = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const address = /^[0-9a-f.:]+$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const resultType =
  /^(?:starttls-not-supported|certificate-(?:host-mismatch|expired|not-trusted)|validation-failure|(?:tlsa|dnssec)-invalid|dane-required|sts-(?:policy-(?:fetch-error|invalid)|webpki-invalid))$/;

/** RFC 8460 section 4.4. */
const reportShape: Shape = {
  fields: {
    'organization-name': /./,
    'date-range': { fields: { 'start-datetime': instant, 'end-datetime': instant } },
    'contact-info': /^[^@\s]+@[^@\s]+$/,
    'report-id': /./,
    policies: {
      list: {
        fields: {
          policy: {
            fields: {
              'policy-type': /^(?:tlsa|sts|no-policy-found)$/,
              'policy-string?': { list: /./ },
              'policy-domain': domain,
              'mx-host?': { list: /./ },
            },
          },
          summary: { fields: { 'total-successful-session-count': 'amount', 'total-failure-session-count': 'amount' } },
          'failure-details?': {
            list: {
              fields: {
                'result-type': resultType,
                'sending-mta-ip?': address,
                'receiving-mx-hostname?': domain,
                'receiving-mx-helo?': /./,
                'receiving-ip?': address,
                'failed-session-count': 'amount',
                'additional-information?': /^[a-z]+:/,
                'failure-reason-code?': /./,
              },
            },
          },
        },
      },
    },
  },
};

function holds(value: unknown, shape: Shape): boolean {
  if (shape === 'amount') return Number.isSafeInteger(value) && Number(value) >= 0;
  if (shape instanceof RegExp) return typeof value === 'string' && shape.test(value);
  if ('list' in shape) return Array.isArray(value) && value.length > 0 && value.every((one) => holds(one, shape.list));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { fields } = shape;
  const given = Object.entries(value);
  const needed = Object.keys(fields).filter((name) => !name.endsWith('?'));
  return (
    needed.every((name) => name in value) &&
    given.every(([name, one]) => {
      const wanted = fields[name] ?? fields[`${name}?`];
      return wanted !== undefined && holds(one, wanted);
    })
  );
}

/** The report in these octets; throws where it is none. */
export function readReport(gzipped: Uint8Array): Report {
  const json = gunzipSync(gzipped).toString('utf8');
  const report: unknown = JSON.parse(json);
  if (!holds(report, reportShape)) throw new Error(`no report by RFC 8460 section 4.4: ${json}`);
  return report as Report;
}

type Part = { header: string; body: string };

/** A message or a part of one as header, unfolded, and body. RFC 5322 section 2.2.3 */
export function parted(octets: string): Part {
  const end = octets.indexOf('\r\n\r\n');
  return { header: `${octets.slice(0, end).replace(/\r\n(?=[ \t])/g, '')}\r\n`, body: octets.slice(end + 4) };
}

/** The parts of a multipart message. RFC 2046 section 5.1 */
export function partsOf({ header, body }: Part): Part[] {
  const boundary = /boundary="([^"]+)"/.exec(header)?.[1] ?? 'none';
  const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`);
  return parts.slice(0, -1).map((part) => parted(part.slice(2)));
}
