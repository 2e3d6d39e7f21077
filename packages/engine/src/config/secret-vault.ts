// Sealed secrets as the feed brought them, in memory and on disk, never opened here: opening is the host's KeyStore, which holds the
// recipient key.
import { sealedSecret, type SealedSecret, type SecretDelta } from '@sluice/contract';
import { batchFile } from './batch-file.ts';
import type { RecordFile } from './record-file.ts';

type SecretRecord = SecretDelta['secrets'][number];

export type SecretVault = {
  readonly cursor: number;
  sealed(id: string): SealedSecret | undefined;
  /** False when the copy on disk was unusable and everything must be fetched again. */
  load(): Promise<boolean>;
  /** Takes a delta; resolves when it is on disk. */
  apply(delta: SecretDelta): Promise<void>;
};

export function secretVault(file: RecordFile): SecretVault {
  const disk = batchFile(file);
  const secrets = new Map<string, SecretRecord>();
  let cursor = 0;
  const take = (record: SecretRecord): void => {
    if (record.secret === null) secrets.delete(record.id);
    else secrets.set(record.id, record);
  };
  return {
    get cursor() {
      return cursor;
    },
    sealed: (id) => secrets.get(id)?.secret ?? undefined,
    async load() {
      const read = await disk.load((records, commit) => {
        for (const record of records) take(secretRecord(record));
        cursor = Number(commit);
      });
      if (read && Number.isSafeInteger(cursor)) return true;
      secrets.clear();
      cursor = 0;
      return false;
    },
    async apply(delta) {
      for (const record of delta.secrets) take(record);
      cursor = delta.cursor;
      await disk.keep(delta.secrets, cursor, { count: secrets.size, records: () => secrets.values() });
    },
  };
}

/** Reads one record from disk. Throws when it is none, which makes the copy unusable. */
function secretRecord(record: unknown): SecretRecord {
  if (typeof record !== 'object' || record === null || !('id' in record) || !('cursor' in record) || !('secret' in record))
    throw new Error('not a secret record');
  return {
    id: String(record.id),
    cursor: Number(record.cursor),
    secret: record.secret === null ? null : sealedSecret.parse(record.secret),
  };
}
