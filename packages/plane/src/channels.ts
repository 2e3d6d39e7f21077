// NOTIFY channels. A notification is a hint that something may be new, never the news itself: it can be lost, so every reader also looks
// by itself after a reconnect and every few seconds.
export const channels = {
  /** Payload: the number of the new revision. */
  config: 'sluice_config',
  /** No payload. */
  secret: 'sluice_secret',
  /** No payload. */
  command: 'sluice_command',
  /** No payload. */
  question: 'sluice_question',
  /** No payload: a trace was started or stopped. */
  trace: 'sluice_trace',
  /** Payload: the node that published a frame. */
  frame: 'sluice_frame',
} as const;
export type Channel = (typeof channels)[keyof typeof channels];
