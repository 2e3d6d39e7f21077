// What was seen of TLS with recipient domains, as reports and the console tell it. RFC 8460
import { z } from 'zod';

/** RFC 8460 section 4.3. */
export const tlsResultType = z.enum([
  'starttls-not-supported',
  'certificate-host-mismatch',
  'certificate-expired',
  'certificate-not-trusted',
  'validation-failure',
  'tlsa-invalid',
  'dnssec-invalid',
  'sts-policy-fetch-error',
  'sts-policy-invalid',
  'sts-webpki-invalid',
]);
export type TlsResultType = z.infer<typeof tlsResultType>;

const count = z.number().int().min(0);

/** Sessions of one UTC day with the hosts of one domain under one policy. */
export const tlsReportCounts = z.object({
  domain: z.string().max(253),
  policyType: z.enum(['sts', 'tlsa', 'no-policy-found']),
  /** The policy as text. */
  strings: z.array(z.string().max(500)),
  mxHosts: z.array(z.string().max(253)),
  succeeded: count,
  failed: count,
  failures: z.array(
    z.object({
      result: tlsResultType,
      mxHost: z.string().max(253).nullable(),
      receivingIp: z.string().max(45).nullable(),
      sendingIp: z.string().max(45).nullable(),
      reason: z.string().max(300).nullable(),
      count,
    }),
  ),
  /** Failures of kinds beyond those that are kept. */
  otherFailures: count,
});
export type TlsReportCounts = z.infer<typeof tlsReportCounts>;

const utcDay = z.string().regex(/^\d{4}-\d\d-\d\d$/);

export const tlsReportsAnswer = z.object({
  /** The address that reports are sent from; null: they are only counted. */
  from: z.string().nullable(),
  /** Of the days that are kept, newest first, what fails most first. */
  policies: z.array(z.object({ day: utcDay, ...tlsReportCounts.shape })),
  total: count,
  /** Sessions that were not counted: too many domains in a day. */
  beyond: count,
  reports: z.array(
    z.object({
      day: utcDay,
      domain: z.string().max(253),
      /** `waiting`: is tried again; `not_wanted`: the domain asks for none. */
      state: z.enum(['waiting', 'sent', 'failed', 'not_wanted']),
      at: z.number().int(),
      to: z.array(z.string()),
      detail: z.string().nullable(),
    }),
  ),
});
