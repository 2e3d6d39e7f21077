// What the harness needs to know of a product under load, ours or the peer.

export type Product = {
  name: string;
  smtpPort: number;
  /** Roots of its process trees, now. */
  processes(): number[];
  /** Resolves when nothing of the last run is left to do beyond delivery: `delivered` is the number of messages since start. */
  settled(delivered: number): Promise<void>;
  stop(): Promise<void>;
};
