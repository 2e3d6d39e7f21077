// The scalar vocabulary of both planes: what an id, a domain, an address and a point in time look like wherever they cross a
// boundary (feed, command, event, API). Everything else in contract is built from these, so a malformed value is refused at the
// first boundary it meets and nowhere else needs to check it again.
import { z } from 'zod';

/** Lower-case UUID as a string; one in capitals is read as the same id. New ids are version 7 (time-ordered). */
export const id = z.uuid().toLowerCase();

/** Domain name as A-labels, lower case, without a trailing dot, at most 253 octets. RFC 1035 section 2.3.4. */
export const domainName = z
  .string()
  .max(253)
  .regex(
    /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/,
    'not a domain name in lower case A-labels',
  );

/** Mailbox as written in an envelope; at most 254 octets of path content. RFC 5321 section 4.5.3.1.3. */
export const mailbox = z
  .string()
  .min(3)
  .max(320)
  .regex(/^[^\s@<>\u0000-\u001f\u007f][^@<>\u0000-\u001f\u007f]*@[^\s@<>\u0000-\u001f\u007f]+$/, 'not a mailbox address');

/** Point in time: ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const instant = z.iso.datetime();

/** Short human name of an entity: 1 to 80 printable characters. */
export const entityName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'control characters are not allowed');

/** Why an operator or the system did something; shown in audit and revisions. */
export const reason = z.string().trim().min(3).max(500);

/** IPv4 or IPv6 literal. */
export const ipAddress = z.union([z.ipv4(), z.ipv6()]);

/** Campaign label: bounded, since every distinct value is a scheduled queue. */
export const campaignName = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'a campaign is 1 to 64 of A-Z a-z 0-9 . _ : -');
