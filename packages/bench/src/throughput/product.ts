// What the harness needs to know of a product under load, ours or the peer.

export type Product = {
  name: string;
  smtpPort: number;
  /** Roots of its process trees, now. */
  processes(): number[];
  /** Notes where it stands before a run. */
  begin(): Promise<void>;
  /** Resolves when nothing is left to do, beyond delivery, with the `messages` given to it since `begin`. */
  settled(messages: number): Promise<void>;
  stop(): Promise<void>;
};
