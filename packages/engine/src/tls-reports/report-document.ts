// One report as JSON, and the message that carries it. RFC 8460 sections 4.4 and 5.3
import { formatDate } from '../message/index.ts';
import { dayMs, startOf, type PolicyCounts } from './tally.ts';

const base64Line = 76;

export type ReportInput = {
  /** Our own domain and mailbox. */
  from: string;
  node: string;
  day: string;
  domain: string;
  policies: readonly PolicyCounts[];
};

export const submitterOf = (from: string): string => from.slice(from.lastIndexOf('@') + 1);
/** The same for the same day, so that a receiver knows a report that was sent twice. */
export const reportId = ({ day, domain, node, from }: ReportInput): string => `${day}.${domain}.${node}@${submitterOf(from)}`;

export function reportJson(input: ReportInput): string {
  const { from, day, policies } = input;
  return JSON.stringify({
    'organization-name': submitterOf(from),
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': from,
    'report-id': reportId(input),
    policies: policies.map((counts) => ({
      policy: {
        'policy-type': counts.policyType,
        ...(counts.strings.length > 0 ? { 'policy-string': counts.strings } : {}),
        'policy-domain': counts.domain,
        ...(counts.mxHosts.length > 0 ? { 'mx-host': counts.mxHosts } : {}),
      },
      summary: { 'total-successful-session-count': counts.succeeded, 'total-failure-session-count': counts.failed },
      ...(counts.failures.length > 0 ? { 'failure-details': counts.failures.map(detailOf) } : {}),
    })),
  });
}

function detailOf({ result, sendingIp, mxHost, receivingIp, count, reason }: PolicyCounts['failures'][number]): Record<string, unknown> {
  return {
    'result-type': result,
    ...(sendingIp === null ? {} : { 'sending-mta-ip': sendingIp }),
    ...(mxHost === null ? {} : { 'receiving-mx-hostname': mxHost }),
    ...(receivingIp === null ? {} : { 'receiving-ip': receivingIp }),
    'failed-session-count': count,
    ...(reason === null || reason === '' ? {} : { 'failure-reason-code': reason }),
  };
}

/** RFC 8460 section 5.1: submitter ! domain ! begin ! end. */
export function fileName({ from, domain, day }: ReportInput): string {
  const begin = startOf(day) / 1000;
  return `${submitterOf(from)}!${domain}!${begin}!${begin + dayMs / 1000 - 1}.json.gz`;
}

/** The whole message, CRLF line ends, 7 bit. `id`: UUID of this message. */
export function reportMessage(input: ReportInput, gzipped: Uint8Array, to: string, id: string, nowMs: number): Buffer {
  const { from, domain, day } = input;
  const submitter = submitterOf(from);
  const boundary = `=_${id}`;
  const text = Buffer.from(gzipped).toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += base64Line) lines.push(text.slice(at, at + base64Line));
  const header = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: Report Domain: ${domain}\r\n Submitter: ${submitter}\r\n Report-ID: <${reportId(input)}>`,
    `Date: ${formatDate(nowMs)}`,
    `Message-ID: <${id}@${submitter}>`,
    `TLS-Report-Domain: ${domain}`,
    `TLS-Report-Submitter: ${submitter}`,
    'Auto-Submitted: auto-generated', // RFC 3834 section 5
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type="tlsrpt";\r\n\tboundary="${boundary}"`,
  ];
  const parts = [
    ...[`--${boundary}`, 'Content-Type: text/plain; charset=us-ascii', ''],
    ...[`This is a report on TLS connections from ${submitter}`, `to the mail servers of ${domain} on ${day} (UTC). RFC 8460`, ''],
    ...[`--${boundary}`, 'Content-Type: application/tlsrpt+gzip', 'Content-Transfer-Encoding: base64'],
    ...[`Content-Disposition: attachment;\r\n\tfilename="${fileName(input)}"`, '', ...lines, '', `--${boundary}--`, ''],
  ];
  return Buffer.from(`${header.join('\r\n')}\r\n\r\n${parts.join('\r\n')}`, 'latin1');
}
