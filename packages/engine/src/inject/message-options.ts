// What a submission asks for beside its content: DSN and REQUIRETLS parameters of the envelope (RFC 3461, RFC 8689), and our own fields for
// expiry, first attempt and delivery window. What is malformed is refused, never guessed.
import { readWindow } from '@sluice/policy';
import type { SMTPServerEnvelope } from 'smtp-server';
import { noOptions, type DsnRequest, type MessageOptions } from '../entry.ts';
import { orcptText } from '../smtp/index.ts';
import type { Instructions } from './admission.ts';
import { refusals, type Refusal } from './refusal.ts';

/** RFC 3461 section 5.4. */
const maxEnvidLength = 100;
/** RFC 3461 section 5.3. */
const maxOrcptLength = 500;
/** A first attempt at most this far ahead, and a life at most this long. */
const maxAheadMs = 30 * 86_400_000;
const maxLifeMs = 14 * 86_400_000;

type Asked = { ok: true; options: MessageOptions | null; expiresAt: number } | { ok: false; refusal: Refusal };
type Recipient = SMTPServerEnvelope['rcptTo'][number];

/** NOTIFY and ORCPT of one recipient as they may be passed on; null when it asked for neither. */
export function dsnOf(recipient: Pick<Recipient, 'dsn'>): DsnRequest | null {
  const notify = recipient.dsn?.notify;
  const orcpt = recipient.dsn?.orcpt;
  if (!notify && !orcpt) return null;
  return { notify: notify ? [...new Set(notify)].join(',') : null, orcpt: orcpt ? orcptText(orcpt) : null };
}

/** Why an ORCPT cannot be taken. RFC 3461 section 4.2. */
export function badOrcpt(value: string | true | undefined): Refusal | null {
  if (value === undefined) return null;
  return typeof value === 'string' && value.length <= maxOrcptLength && orcptText(value) !== null ? null : refusals.badOrcpt;
}

/** Why an ENVID cannot be taken. RFC 3461 section 4.4. */
export function badEnvid(value: string | true | undefined): Refusal | null {
  if (value === undefined) return null;
  return typeof value === 'string' && value.length <= maxEnvidLength && /^[\u0021-\u007e]+$/.test(value) ? null : refusals.badEnvid;
}

/** A number is seconds from now, anything else a date; null when neither. */
function timeOf(text: string, nowMs: number): number | null {
  if (/^\d{1,8}$/.test(text)) return nowMs + Number(text) * 1000;
  // Only forms that name their zone: `2026-11-24T08:00:00Z` or a date as in mail.
  if (!/(?:Z|[+-]\d\d:?\d\d|GMT|UTC)$/i.test(text) || text.length > 64) return null;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** The options of the message and when it expires. `streamExpirySeconds` counts from the first attempt that may be made. */
export function askedOptions(
  envelope: Pick<SMTPServerEnvelope, 'dsn' | 'requireTLS'>,
  { instructions, tlsOptional: said }: { instructions: Instructions; tlsOptional: boolean },
  streamExpirySeconds: number,
  nowMs: number,
): Asked {
  const refuse = (refusal: Refusal): Asked => ({ ok: false, refusal });
  const ret = envelope.dsn?.ret === 'FULL' || envelope.dsn?.ret === 'HDRS' ? envelope.dsn.ret : null;
  const envid = envelope.dsn?.envid ?? null;
  const requireTls = envelope.requireTLS === true;
  // With both, REQUIRETLS stands. RFC 8689 section 4.1
  const tlsOptional = said && !requireTls;

  const notBeforeText = instructions.get('not-before');
  const notBefore = notBeforeText === undefined ? null : timeOf(notBeforeText, nowMs);
  if (notBeforeText !== undefined && (notBefore === null || notBefore > nowMs + maxAheadMs)) return refuse(refusals.notBeforeHeader);
  const firstMs = Math.max(nowMs, notBefore ?? 0);

  const expiresText = instructions.get('expires');
  const asked = expiresText === undefined ? null : timeOf(expiresText, nowMs);
  if (expiresText !== undefined && (asked === null || asked <= firstMs || asked > firstMs + maxLifeMs))
    return refuse(refusals.expiresHeader);

  const windowText = instructions.get('window');
  const window = windowText === undefined ? null : readWindow(windowText);
  if (windowText !== undefined && window === null) return refuse(refusals.windowHeader);

  const expiresAt = asked ?? firstMs + streamExpirySeconds * 1000;
  const ownExpiry = asked !== null;
  const engagedText = instructions.get('engaged');
  if (engagedText !== undefined && !/^(?:yes|no)$/i.test(engagedText)) return refuse(refusals.engagedHeader);
  const engaged = engagedText?.toLowerCase() === 'yes';
  const any = ret !== null || envid !== null || requireTls || tlsOptional || notBefore !== null || ownExpiry || window !== null || engaged;
  if (!any) return { ok: true, options: null, expiresAt };
  const options: MessageOptions = {
    ...noOptions,
    ret,
    envid,
    requireTls,
    tlsOptional,
    notBefore,
    ownExpiry,
    window,
    ...(engaged && { engaged }),
  };
  return { ok: true, options, expiresAt };
}
