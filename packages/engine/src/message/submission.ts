// From the bytes of a DATA command to the bytes that are stored: our trace field in front, what the submission lacks added, fields that
// must not travel left out, every other octet untouched.
import { isAscii } from 'node:buffer';
import type { ContentFacts } from '../entry.ts';
import { fieldText } from './header.ts';
import { inspectContent, type ContentProblem } from './inspect.ts';
import { buildDate, buildMessageId } from './trace.ts';

/** Fields that never leave: blind recipients (RFC 5322 section 3.6.3) and the trace of final delivery (RFC 5321 section 4.4). */
export const privateFields: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'return-path']);
/** Instructions to us, which the listener reads and no receiver should see. */
export const INSTRUCTION_PREFIX = 'x-sluice-';

export type SubmissionInput = {
  bytes: Uint8Array;
  /** The Received field of `buildReceived`. */
  received: Uint8Array;
  nowMs: number;
  /** Left part of a Message-ID, when one has to be made. */
  uniqueId: string;
  /** An envelope address holds an octet above 127. */
  addressesUtf8: boolean;
};

export type Submission =
  /**
   * `instructions`: values of the X-Sluice- fields by the rest of their name in lower case; the first one counts. `tlsOptional`: the
   * message says `TLS-Required: No`. RFC 8689 section 3
   */
  | { ok: true; bytes: Uint8Array; facts: ContentFacts; instructions: ReadonlyMap<string, string>; tlsOptional: boolean }
  | { ok: false; code: ContentProblem; message: string };

const CRLF = Buffer.from('\r\n');
const LF = 10;

/**
 * Builds what is stored, with its facts, or says why the message cannot be taken. The octets are inspected once, as they came: what is
 * added or left out lies in the header, so the line named in a reply is the client's own and the body's facts hold for both.
 */
export function prepareSubmission(input: SubmissionInput): Submission {
  const inspected = inspectContent(input.bytes, input.addressesUtf8);
  if (!inspected.ok) return inspected;
  const { fields } = inspected;
  const instructions = new Map<string, string>();
  const parts: Uint8Array[] = [input.received];
  let hasDate = false;
  let tlsOptional = false;
  let keptFrom = 0;
  for (const field of fields) {
    if (field.name === 'date') hasDate = true;
    if (field.name === 'tls-required') tlsOptional ||= /^no$/i.test(fieldText(input.bytes, field).trim());
    const instruction = field.name.startsWith(INSTRUCTION_PREFIX);
    if (!instruction && !privateFields.has(field.name)) continue;
    const key = field.name.slice(INSTRUCTION_PREFIX.length);
    if (instruction && !instructions.has(key)) instructions.set(key, fieldText(input.bytes, field));
    parts.push(input.bytes.subarray(keptFrom, field.start));
    keptFrom = field.end;
  }
  const lastField = fields.at(-1)?.end ?? 0;
  parts.push(input.bytes.subarray(keptFrom, lastField));
  if (lastField > 0 && input.bytes[lastField - 1] !== LF) parts.push(CRLF);
  if (!hasDate) parts.push(buildDate(input.nowMs));
  let { headerMessageId } = inspected.facts;
  if (!fields.some((field) => field.name === 'message-id')) {
    const made = buildMessageId(input.uniqueId, inspected.facts.fromDomain);
    headerMessageId = made.value;
    parts.push(made.field);
  }
  parts.push(CRLF);
  const body = input.bytes.subarray(inspected.facts.headerBytes);
  parts.push(body);
  if (body.length > 0 && body.at(-1) !== LF) parts.push(CRLF);
  const bytes = Buffer.concat(parts);
  const addedEnd = body.length > 0 && body.at(-1) !== LF ? CRLF.length : 0;
  const headerBytes = bytes.length - body.length - addedEnd;
  const utf8 = input.addressesUtf8 || !isAscii(bytes.subarray(0, headerBytes));
  const facts = { ...inspected.facts, sizeBytes: bytes.length, headerBytes, utf8, headerMessageId };
  return { ok: true, bytes, facts, instructions, tlsOptional };
}
