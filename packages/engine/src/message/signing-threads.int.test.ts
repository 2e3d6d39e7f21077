// Signatures from real threads: the same field as one made in place, whatever the batch, and one bad key spoils nobody else's.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../host/index.ts';
import { makeSignature, type SignatureJob } from './signature.ts';
import { createSigningThreads } from './signing-threads.ts';

const pairs = Array.from({ length: 3 }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }));
const problems: string[] = [];
const threads = createSigningThreads({ threads: 2, clock: systemClock, onProblem: (message) => problems.push(message) });
afterAll(() => threads.close());

const jobOf = (index: number): SignatureJob => ({
  header: Buffer.from(`From: jo${index}@sender.example\r\nSubject: ${'s'.repeat(index % 50)}\r\n\r\n`),
  ...{ bodyHash: 'aGFzaA==', domain: 'sender.example', selector: `s${index % 3}`, timeSeconds: index },
  key: pairs[index % 3]!.privateKey,
});

test('500 jobs at once give each its own field', async () => {
  const jobs = Array.from({ length: 500 }, (_, index) => jobOf(index));
  const made = await Promise.all(jobs.map((job) => threads.make(job)));
  // RSASSA-PKCS1-v1_5 is deterministic: equal input, equal signature.
  made.forEach((field, index) => expect(Buffer.from(field).toString()).toBe(Buffer.from(makeSignature(jobs[index]!)).toString()));
});

test('a key that cannot sign rejects its own job only, and a header without From gives nothing', async () => {
  const [before, bad, none, after] = await Promise.allSettled([
    threads.make(jobOf(1)),
    threads.make({ ...jobOf(2), key: pairs[0]!.publicKey }),
    threads.make({ ...jobOf(3), header: Buffer.from('Subject: x\r\n\r\n') }),
    threads.make(jobOf(4)),
  ]);
  expect(before?.status).toBe('fulfilled');
  expect(bad?.status).toBe('rejected');
  expect(none).toMatchObject({ status: 'fulfilled', value: new Uint8Array(0) });
  expect(after?.status).toBe('fulfilled');
  expect(problems).toEqual([]);
});

test('once closed every job is refused', async () => {
  const few = createSigningThreads({ threads: 1, clock: systemClock, onProblem: () => undefined });
  const open = few.make(jobOf(1)).catch((error: Error) => error.message);
  await few.close();
  expect(await open).toMatch(/closed|ended/);
  await expect(few.make(jobOf(1))).rejects.toThrow('closed');
});
