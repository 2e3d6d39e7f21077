// Operators with sessions and authenticator apps, for tests of accounts.
import { codeOf, stepAt } from '../auth/totp.ts';
import type { Peer } from '../http.ts';
import { okay, password, publicUrl, type As, type TestControl } from './control.ts';

export type Person = { id: string; email: string; cookie: string };

let people = 0;
/** A peer nobody counted yet. */
export const newPeer = (): Peer => ({ address: `198.51.${100 + Math.floor((people += 1) / 250)}.${1 + (people % 250)}`, loopback: false });

const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ');

export async function aPerson(it: TestControl, role: string, fields: { tenantId?: string | null } = {}): Promise<Person> {
  const email = `${role}${(people += 1)}@sluice.example`;
  const made = await it.call('mutation', 'users.create', { name: 'Somebody', email, password, role, ...fields }, 'local');
  return { ...okay<{ id: string }>(made), email, cookie: (await it.signIn(email, password, newPeer())).cookie };
}

/** The answer to a code after the password. */
export async function sendCode(it: TestControl, cookie: string, code: string, peer = newPeer()) {
  const headers = { 'content-type': 'application/json', origin: publicUrl, cookie };
  const response = await it.request('/api/auth/sign-in/second-factor', { method: 'POST', headers, body: JSON.stringify({ code }) }, peer);
  return { response, cookie: cookiesOf(response) };
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The bytes of a key as an app takes it. */
function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (sign) => base32.indexOf(sign).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}

/** An app that has the key: the code of now, or of some steps later. */
export const appOf =
  (it: TestControl, key: string) =>
  (steps = 0): string =>
    codeOf(fromBase32(key), stepAt(it.now()) + steps);

/** Sets a second factor up; the clock is one step on afterwards. */
export async function enrol(it: TestControl, { cookie }: Person) {
  const { key } = okay<{ key: string; uri: string }>(await it.call('mutation', 'secondFactor.begin', undefined, { cookie }));
  const code = appOf(it, key);
  const enabled = await it.call('mutation', 'secondFactor.enable', { code: code() }, { cookie });
  it.advance(30_000);
  return { key, code, recoveryCodes: okay<{ recoveryCodes: string[] }>(enabled).recoveryCodes };
}

/** The code of the answer to who one is; null when it is answered. */
export const whoCode = async (it: TestControl, cookie: string): Promise<string | null> =>
  (await it.call('query', 'session.me', undefined, { cookie })).code;

export const by = ({ cookie }: Person): As => ({ cookie });
