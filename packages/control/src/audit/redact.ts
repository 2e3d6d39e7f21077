// What goes into an audit entry as before and after, without what must never be in it: passwords, keys, tokens and what verifies them; and
// recipients and subjects, which are other people's. By the name of the field, at any depth; and by the look of a text, whatever its field
// is called. Ids, counts and yes or no stay: they say that there is a secret, and not which.
import type { Prisma } from '@sluice/db';

const redactedText = '[redacted]';

const secretField =
  /password|passphrase|secret|token|verifier|private|cookie|authorization|salt|storedkey|serverkey|recoverycode|backupcode|otp/i;
const personalField = /^(?:recipients?|rcpt.*|subject|mailbox)$/i;
/** `secretId` names a secret, `tokenPrefix` shows which of several was meant. */
const namingField = /(?:Ids?|Prefix|Fingerprint|At)$/;
/** Private keys in PEM, API keys, credentials in a URL. */
const secretText = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bslk_[A-Za-z0-9]+_[A-Za-z0-9_-]{16,}|:\/\/[^/\s:@]+:[^/\s@]+@/;

const maxDepth = 12;
const maxItems = 200;
const maxText = 2_000;
const maxSize = 16_384;

function withoutSecrets(value: unknown, name: string, depth: number): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if ((secretField.test(name) && !namingField.test(name)) || (personalField.test(name) && typeof value !== 'object')) return redactedText;
  if (personalField.test(name) && Array.isArray(value)) return redactedText;
  if (typeof value === 'string') {
    if (secretText.test(value)) return redactedText;
    return value.length > maxText ? `${value.slice(0, maxText)}… (${value.length} characters)` : value;
  }
  if (typeof value !== 'object' || depth >= maxDepth) return undefined;
  if (Array.isArray(value)) {
    const shown = value.slice(0, maxItems).map((item) => withoutSecrets(item, name, depth + 1) ?? null);
    return value.length > maxItems ? [...shown, `${value.length - maxItems} more`] : shown;
  }
  const fields = Object.entries(value).map(([key, field]) => [key, withoutSecrets(field, key, depth + 1)] as const);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}

/** Undefined stays undefined. What is still too large afterwards is told by its size alone. */
export function redacted(value: Prisma.InputJsonValue | undefined): Prisma.InputJsonValue | undefined {
  if (value === undefined) return undefined;
  const clean = withoutSecrets(value, '', 0) as Prisma.InputJsonValue;
  const size = JSON.stringify(clean).length;
  return size > maxSize ? { tooLarge: size } : clean;
}
