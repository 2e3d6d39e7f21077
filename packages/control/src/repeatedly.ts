// What the console does by itself in the background: over and over, never twice at once, and a failure is no end of it.

/** Every `everyMs`, unless the one before is still under way; what it rejects with goes to `failed`. Returns what ends it. */
export function repeatedly(everyMs: number, work: () => Promise<unknown>, failed: (error: unknown) => void): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void work()
      .catch(failed)
      .finally(() => (busy = false));
  }, everyMs).unref();
  return () => clearInterval(timer);
}
