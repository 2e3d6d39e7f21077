// SMTP credentials: a password made here from 256 random bits, shown once, and the SCRAM-SHA-256 verifier that is all we keep of it.
// The verifier also checks PLAIN and LOGIN. RFC 5802 section 3, RFC 7677.
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { CredentialBody } from '@sluice/contract';

const derive = promisify(pbkdf2);

/** The least RFC 7677 section 4 allows; a generated password of 256 bits needs no stretching, and the engine pays this on every sign-in. */
const iterations = 4096;
const passwordBytes = 32;
const saltBytes = 16;
const sha256Bytes = 32;

export type ScramVerifier = NonNullable<CredentialBody['verifier']>;

/**
 * 64 hex digits: nothing that an SMTP client, a shell or a URL would need to escape, and never a leading hyphen, which a command line
 * takes for an option.
 */
export function makePassword(): string {
  return randomBytes(passwordBytes).toString('hex');
}

export async function scramVerifier(password: string, salt: Buffer = randomBytes(saltBytes)): Promise<ScramVerifier> {
  // RFC 5802 section 3: SaltedPassword := Hi(Normalize(password), salt, i); hex is its own normal form.
  const salted = await derive(password, salt, iterations, sha256Bytes, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return {
    salt: salt.toString('base64'),
    iterations,
    storedKey: createHash('sha256').update(clientKey).digest('base64'),
    serverKey: createHmac('sha256', salted).update('Server Key').digest('base64'),
  };
}
