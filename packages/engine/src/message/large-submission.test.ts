// A message in pieces is judged, hashed and counted as the same message in one piece.
import { expect, it } from 'vitest';
import { inspectContent, type ContentProblem } from './inspect.ts';
import { headerLength, LargeBody } from './large-submission.ts';
import { LineCheck } from './line-check.ts';
import { prepareSubmission } from './submission.ts';
import { pick, randomBody, randomHeader, seeded, type Rng } from './testing.ts';

const input = { received: Buffer.from('Received: here\r\n'), nowMs: 0, uniqueId: 'u1', addressesUtf8: false };

function* cut(bytes: Buffer, rng: Rng): Generator<Buffer> {
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + Math.ceil(rng() ** 3 * 400));
    yield bytes.subarray(from, to);
    from = to;
  }
}

/** As the listener does it. */
function inPieces(bytes: Buffer, rng: Rng) {
  const headerBytes = headerLength(bytes);
  const header = prepareSubmission({ ...input, bytes: bytes.subarray(0, headerBytes) });
  if (!header.ok) return { ok: false as const, code: header.code, message: header.message };
  const body = new LargeBody(bytes.subarray(0, headerBytes));
  const stored: Uint8Array[] = [header.bytes];
  for (const piece of cut(bytes.subarray(headerBytes), rng)) {
    const problem = body.take(piece);
    if (problem) return { ok: false as const, ...problem };
    stored.push(piece);
  }
  const end = body.end(header.facts);
  if (!end.ok) return { ok: false as const, ...end.problem };
  return { ok: true as const, bytes: Buffer.concat([...stored, end.tail]), facts: end.facts };
}

it('gives the same octets and the same facts, wherever it is cut', () => {
  const rng = seeded(7);
  for (let round = 0; round < 1_000; round += 1) {
    const bytes = Buffer.from(`${randomHeader(rng)}\r\n${randomBody(rng)}${pick(rng, ['', '\r\n', 'ü'])}`);
    const whole = prepareSubmission({ ...input, bytes });
    if (!whole.ok) throw new Error(whole.message);
    const pieces = inPieces(bytes, rng);
    if (!pieces.ok) throw new Error(pieces.message);
    expect(pieces.bytes.equals(Buffer.from(whole.bytes))).toBe(true);
    expect(pieces.facts).toEqual(whole.facts);
  }
});

it('refuses the same bodies for the same line', () => {
  const rng = seeded(8);
  const seen = new Set<ContentProblem>();
  for (let round = 0; round < 3_000; round += 1) {
    const broken = pick(rng, ['', '\n', '\r', 'x\ny', '\ry', 'x'.repeat(999), `${'x'.repeat(998)}\r\n`, '\0', '\r\r\n']);
    const bytes = Buffer.from(`From: a@b.example\r\n\r\n${randomBody(rng)}${broken}${randomBody(rng)}`);
    const whole = inspectContent(bytes);
    const pieces = inPieces(bytes, rng);
    expect(pieces.ok).toBe(whole.ok);
    if (whole.ok || pieces.ok) continue;
    seen.add(whole.code);
    // A NUL is found in the whole before anything else is looked at; a line can be found broken at its break or at its end.
    if (whole.code === 'nul' || pieces.code === 'nul') continue;
    const lineOf = (message: string): string | undefined => /line \d+/.exec(message)?.[0];
    expect(lineOf(pieces.message)).toBe(lineOf(whole.message));
  }
  expect([...seen].sort()).toEqual(['bare_cr', 'bare_lf', 'line_too_long', 'nul']);
});

it('finds the end of a header, also of an empty one, and says when it is not there yet', () => {
  expect(headerLength(Buffer.from('From: a\r\n\r\nbody'))).toBe(11);
  expect(headerLength(Buffer.from('\r\nbody\r\n\r\n'))).toBe(2);
  expect(headerLength(Buffer.from('From: a\r\nTo: b\r\n'))).toBe(-1);
});

it('counts lines from where it is told', () => {
  const lines = new LineCheck(10);
  expect(lines.take(Buffer.from('a\r\nb\r'))).toBeNull();
  expect(lines.take(Buffer.from('\nc\n'))).toEqual({ code: 'bare_lf', message: 'line 12 ends in LF without CR' });
});
