// Checks a user name and password against the stored SCRAM verifier (the password itself is stored nowhere), and slows down guessing.
// A right password is remembered as a keyed hash for a while, so that a client which reconnects for every message does not pay the key
// derivation each time; the memory is dropped when the verifier changes. Failures are counted per peer address, in a bounded table.
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { CredentialBody } from '@sluice/contract';
import type { WithId } from '../config/generation.ts';
import type { Clock, Random } from '../ports.ts';

const derive = promisify(pbkdf2);
const rememberedCredentials = 10_000;
const countedAddresses = 10_000;
/** Failures an address may make before it is turned away, and how long that lasts after the last one. */
const failuresAllowed = 10;
const failureMemoryMs = 10 * 60_000;
/** Wait before the n-th wrong answer goes out. */
const firstBackOffMs = 500;
const longestBackOffMs = 8_000;
/** Longest password looked at: nobody may buy a long derivation. */
const maxPasswordLength = 256;

type Verifier = NonNullable<CredentialBody['verifier']>;

/** StoredKey of a password under a verifier's salt and iterations. RFC 5802 section 3. */
async function storedKeyOf(password: string, verifier: Verifier): Promise<Buffer> {
  const salted = await derive(password.normalize('NFKC'), Buffer.from(verifier.salt, 'base64'), verifier.iterations, 32, 'sha256');
  return createHash('sha256').update(createHmac('sha256', salted).update('Client Key').digest()).digest();
}

/** Same cost as a real check, for user names that do not exist, or whose verifier is not on this installation. */
const nobody: Verifier = { salt: Buffer.alloc(16, 1).toString('base64'), iterations: 4096, storedKey: '', serverKey: '' };

export class Authenticator {
  readonly #clock: Clock;
  readonly #memoryKey: Uint8Array;
  readonly #remembered = new Map<string, { storedKey: string; proof: Buffer }>();
  readonly #failures = new Map<string, { count: number; at: number }>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#memoryKey = random.bytes(32);
  }

  /** True when the address failed too often lately to be heard at all. */
  blocked(address: string): boolean {
    return this.#failuresOf(address) >= failuresAllowed;
  }

  /** Whether the password belongs to the credential; constant work whether or not the credential exists. */
  async check(credential: WithId<CredentialBody> | undefined, password: string): Promise<boolean> {
    if (password.length > maxPasswordLength) return false;
    const verifier = credential?.verifier ?? nobody;
    const proof = createHmac('sha256', this.#memoryKey).update(password).digest();
    const known = credential && this.#remembered.get(credential.id);
    if (known && known.storedKey === verifier.storedKey && timingSafeEqual(known.proof, proof)) return credential.enabled;
    const stored = await storedKeyOf(password, verifier);
    const wanted = Buffer.from(verifier.storedKey, 'base64');
    const right = wanted.length === stored.length && timingSafeEqual(stored, wanted);
    if (!right || !credential?.enabled) return false;
    if (this.#remembered.size >= rememberedCredentials) this.#remembered.delete(this.#remembered.keys().next().value ?? '');
    this.#remembered.set(credential.id, { storedKey: verifier.storedKey, proof });
    return true;
  }

  /** Notes a failure and says how long to wait before answering, in milliseconds. */
  failed(address: string): number {
    const count = this.#failuresOf(address) + 1;
    this.#failures.delete(address);
    if (this.#failures.size >= countedAddresses) this.#failures.delete(this.#failures.keys().next().value ?? '');
    this.#failures.set(address, { count, at: this.#clock.monotonicMs() });
    return Math.min(firstBackOffMs * 2 ** (count - 1), longestBackOffMs);
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }

  #failuresOf(address: string): number {
    const known = this.#failures.get(address);
    if (!known) return 0;
    return this.#clock.monotonicMs() - known.at > failureMemoryMs ? 0 : known.count;
  }
}
