// One recipient of a message as it was taken, or is to be taken.
export type Arrival = {
  atMs: number;
  /** Those of one message that follow each other may share a transaction; null: a message of its own. */
  message: string | null;
  tenantId: string;
  streamId: string;
  campaign: string | null;
  /** Own envelope sender. */
  sender: string;
  recipient: string;
  /** Of the recipient, A-labels, lower case. */
  domain: string;
  sizeBytes: number;
  /** Pool that it asked for; null means the stream's first. */
  poolId: string | null;
  /** No attempt before this time; null: at once. */
  notBeforeMs: number | null;
};
