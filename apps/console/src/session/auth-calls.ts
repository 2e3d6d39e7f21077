// The calls of signing in and out; everything else goes through procedures. The session is a cookie that scripts cannot read.

/** `secondFactor`: the password was right, and a code is asked for next. */
export type SignIn = { ok: true; secondFactor: boolean } | { ok: false; problem: string };

const silent = 'The console did not answer. Check that it is running, then try again.';

async function post(path: string, body: unknown): Promise<Response | null> {
  try {
    return await fetch(`/api/auth/${path}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    return null;
  }
}

/** One sentence for every wrong pair: it does not say whether the account exists. */
export async function signIn(email: string, password: string): Promise<SignIn> {
  const answer = await post('sign-in/email', { email, password });
  if (answer === null) return { ok: false, problem: silent };
  if (answer.ok) return { ok: true, secondFactor: await wantsCode(answer) };
  if (answer.status === 429) return { ok: false, problem: `Too many attempts. Try again ${waitOf(answer)}.` };
  if (answer.status === 403)
    return {
      ok: false,
      problem: 'This console does not accept sign-in from this address. SLUICE_PUBLIC_URL sets the address it is reached at.',
    };
  if (answer.status >= 500) return { ok: false, problem: 'The console could not check this. Its log has the reason.' };
  return { ok: false, problem: 'E-mail address or password is wrong.' };
}

async function wantsCode(answer: Response): Promise<boolean> {
  const body: unknown = await answer.json().catch(() => null);
  return typeof body === 'object' && body !== null && 'secondFactor' in body && body.secondFactor === true;
}

/** The second half: a code of the app, or a recovery code. */
export async function sendCode(code: string): Promise<{ ok: true } | { ok: false; problem: string }> {
  const answer = await post('sign-in/second-factor', { code });
  if (answer === null) return { ok: false, problem: silent };
  if (answer.ok) return { ok: true };
  if (answer.status === 429) return { ok: false, problem: `Too many attempts. Try again ${waitOf(answer)}.` };
  if (answer.status >= 500) return { ok: false, problem: 'The console could not check this. Its log has the reason.' };
  return {
    ok: false,
    problem: 'This code is wrong, was used before, or came too late. After five minutes, begin again with the password.',
  };
}

function waitOf(answer: Response): string {
  const seconds = Number(answer.headers.get('retry-after') ?? answer.headers.get('x-retry-after') ?? NaN);
  if (!Number.isFinite(seconds) || seconds <= 0) return 'in a few minutes';
  return seconds < 90 ? `in ${Math.ceil(seconds)} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}

export async function signOut(): Promise<void> {
  await post('sign-out', {});
  window.location.assign('/sign-in');
}
