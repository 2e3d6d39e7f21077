// Whether receivers will find the key that a selector signs with: what DNS says under its name against the public key that is recorded.
// RFC 6376 sections 3.6.1 and 3.6.2.
import type { DkimRecordState } from '@sluice/contract';

/** `finding`: what is the case. `remedy`: what to do; empty when all is well. */
export type DkimRecordFinding = { state: DkimRecordState; finding: string; remedy: string };

type Asked = { dnsName: string; publicKey: string };

/** `tag=value; tag=value`; white space in values is folding. RFC 6376 section 3.2 */
function tagsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(';').flatMap((part): [string, string][] => {
      const at = part.indexOf('=');
      return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).replaceAll(/\s/g, '')]];
    }),
  );
}

/** `texts`: the TXT records under the name, none at all, or null when DNS gave no answer. */
export function judgeDkimRecord({ dnsName, publicKey }: Asked, texts: readonly string[] | null): DkimRecordFinding {
  if (texts === null)
    return { state: 'unreachable', finding: `DNS gave no answer about ${dnsName}`, remedy: 'Ask again, and look at the DNS server.' };
  const keys = texts.map(tagsOf).filter((tags) => tags.has('p'));
  const [key, ...others] = keys;
  if (!key) {
    const finding = texts.length === 0 ? `${dnsName} has no TXT record` : `no TXT record of ${dnsName} has a key`;
    return { state: 'absent', finding, remedy: 'Publish the record as it is shown.' };
  }
  const mismatch = (finding: string): DkimRecordFinding => ({ state: 'mismatch', finding, remedy: 'Publish the record as it is shown.' });
  // RFC 6376 section 3.6.2.2: what a receiver makes of several is undefined.
  if (others.length > 0) return mismatch(`${dnsName} has ${keys.length} records with keys; receivers take any of them`);
  if (key.get('p') === '') return mismatch(`the record of ${dnsName} revokes its key`);
  if ((key.get('v') ?? 'DKIM1') !== 'DKIM1' || (key.get('k') ?? 'rsa') !== 'rsa')
    return mismatch(`${dnsName} has a record of another kind`);
  if (key.get('p') !== publicKey) return mismatch(`${dnsName} has another key than this selector signs with`);
  return { state: 'present', finding: `${dnsName} has the key`, remedy: '' };
}
