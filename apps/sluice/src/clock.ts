/** The wall clock of this machine, milliseconds since the epoch. */
export const nowMs = (): number => Date.now();
