// From the bytes of a DATA command to the bytes that are stored: our trace field in front, what the submission lacks added, fields that
// must not travel left out, every other octet untouched.
import type { ContentFacts } from '../entry.ts';
import { checkLines, inspectContent, type ContentProblem } from './inspect.ts';
import { fieldText, scanHeader } from './header.ts';
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
  /** `instructions`: values of the X-Sluice- fields by the rest of their name in lower case; the first one counts. */
  | { ok: true; bytes: Uint8Array; facts: ContentFacts; instructions: ReadonlyMap<string, string> }
  | { ok: false; code: ContentProblem; message: string };

const CRLF = Buffer.from('\r\n');

/** Builds what is stored, with its facts, or says why the message cannot be taken. */
export function prepareSubmission(input: SubmissionInput): Submission {
  // Checked before any field is added or moved, so that the line named in a reply is the client's own.
  const trouble = checkLines(input.bytes);
  if (trouble) return { ok: false, ...trouble };
  const header = scanHeader(input.bytes);
  if (!header.ok) return { ok: false, code: header.code, message: header.message };
  const instructions = new Map<string, string>();
  const parts: Uint8Array[] = [input.received];
  let hasDate = false;
  let messageIdAt = -1;
  let keptFrom = 0;
  for (const field of header.fields) {
    if (field.name === 'date') hasDate = true;
    if (field.name === 'message-id') messageIdAt = field.start;
    const instruction = field.name.startsWith(INSTRUCTION_PREFIX);
    if (!instruction && !privateFields.has(field.name)) continue;
    const key = field.name.slice(INSTRUCTION_PREFIX.length);
    if (instruction && !instructions.has(key)) instructions.set(key, fieldText(input.bytes, field));
    parts.push(input.bytes.subarray(keptFrom, field.start));
    keptFrom = field.end;
  }
  const lastField = header.fields.at(-1)?.end ?? 0;
  parts.push(input.bytes.subarray(keptFrom, lastField));
  if (lastField > 0 && input.bytes[lastField - 1] !== 10) parts.push(CRLF);
  if (!hasDate) parts.push(buildDate(input.nowMs));
  const idPlace = messageIdAt < 0 ? parts.push(CRLF) - 1 : -1;
  if (lastField === header.headerBytes) parts.push(CRLF);
  else parts.push(input.bytes.subarray(lastField));
  if (input.bytes.length > header.headerBytes && input.bytes.at(-1) !== 10) parts.push(CRLF);
  return finish(input, parts, idPlace, instructions);
}

/** A made Message-ID carries the From domain, which is known only once the message was inspected. */
function finish(input: SubmissionInput, parts: Uint8Array[], idPlace: number, instructions: ReadonlyMap<string, string>): Submission {
  if (idPlace >= 0) {
    parts[idPlace] = new Uint8Array(0);
    const draft = inspectContent(Buffer.concat(parts), input.addressesUtf8);
    if (!draft.ok) return draft;
    parts[idPlace] = buildMessageId(input.uniqueId, draft.facts.fromDomain);
  }
  const bytes = Buffer.concat(parts);
  const inspected = inspectContent(bytes, input.addressesUtf8);
  if (!inspected.ok) return inspected;
  return { ok: true, bytes, facts: inspected.facts, instructions };
}
