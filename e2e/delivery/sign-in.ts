// Signing in as a browser does: the status of the answer, and the session cookie.
import { createSluiceClient, type SluiceClient } from '@sluice/client';

export type SignedIn = { status: number; client: SluiceClient };

export async function signIn(url: string, email: string, password: string): Promise<SignedIn> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password }),
    signal: AbortSignal.timeout(10_000),
  });
  const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { status: response.status, client: createSluiceClient({ url, cookie: cookie.join('; ') }) };
}
