// A wait between two ticks of a live stream.

/** Ends early, without failing, when `stop` does. Leaves nothing on `stop`: a stream ticks for days. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const timer = setTimeout(end, ms);
  stop.addEventListener('abort', end, { once: true });
  if (stop.aborted) end();
  await promise;
  clearTimeout(timer);
  stop.removeEventListener('abort', end);
}
