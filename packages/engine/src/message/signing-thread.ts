// A signing thread: takes batches of headers, gives back batches of finished fields, in order. Keys are sent once and kept by number.
import type { KeyObject } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { takePlace } from '../host/precedence.ts';
import { makeSignature } from './signature.ts';

/** Headers lie one behind the other in `headers`; `ends` says where each ends. */
export type SigningBatch = {
  /** Keys not sent before, and numbers that are not used again. */
  learn: { number: number; key: KeyObject }[];
  forget: number[];
  headers: Uint8Array;
  ends: number[];
  jobs: { key: number; bodyHash: string; domain: string; selector: string; timeSeconds: number }[];
};
/** Fields lie one behind the other; a job that failed has no octets and a message. */
export type SignedBatch = { fields: Uint8Array; ends: number[]; failures: { index: number; message: string }[] };

const keys = new Map<number, KeyObject>();

function signBatch({ headers, ends, jobs }: SigningBatch): SignedBatch {
  const fields: Uint8Array[] = [];
  const failures: SignedBatch['failures'] = [];
  let from = 0;
  jobs.forEach((job, index) => {
    const end = ends[index] ?? from;
    const header = headers.subarray(from, end);
    from = end;
    try {
      const key = keys.get(job.key);
      if (key === undefined) throw new Error('the key did not reach the signing thread');
      fields.push(makeSignature({ ...job, header, key }));
    } catch (error) {
      fields.push(new Uint8Array(0));
      failures.push({ index, message: error instanceof Error ? error.message : 'the key cannot sign' });
    }
  });
  let used = 0;
  const fieldEnds = fields.map((field) => (used += field.length));
  const together = new Uint8Array(used);
  fields.forEach((field, index) => together.set(field, (fieldEnds[index] ?? 0) - field.length));
  return { fields: together, ends: fieldEnds, failures };
}

// One that replaces another was started by the engine's thread, whose niceness it has.
takePlace('signing');
parentPort?.on('message', (batch: SigningBatch) => {
  for (const { number, key } of batch.learn) keys.set(number, key);
  for (const number of batch.forget) keys.delete(number);
  const signed = signBatch(batch);
  parentPort?.postMessage(signed, [signed.fields.buffer as ArrayBuffer]);
});
