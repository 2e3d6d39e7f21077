// Reads a request body up to a bound, whatever its Content-Length says.

/** Null when the body is longer than `maxBytes` or no UTF-8. */
export async function readBoundedText(request: Request, maxBytes: number): Promise<string | null> {
  if (!request.body) return '';
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > maxBytes) return null;
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.byteLength;
    if (total > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return null;
  }
}
