// Providers and their reply rules in words.
import type { BlamedIdentity, Remedy, ReplyRule } from '@sluice/contract';
import type { ProviderSummary } from './types.ts';

export const identityWords: Record<BlamedIdentity, string> = {
  none: 'nobody',
  recipient: 'the recipient',
  source: 'the source',
  dkim_domain: 'the DKIM domain',
  url_domain: 'a domain in its links',
  envelope_domain: 'the envelope domain',
  message: 'the message',
  account: 'the sending account',
};

export const remedyWords: Record<Remedy, string> = {
  none: 'wait and try again',
  slow_down: 'send slower',
  slow_identity: 'send slower with what is blamed, over every source',
  fewer_connections: 'fewer connections',
  fewer_messages_per_connection: 'fewer messages on a connection',
  hold_warm_up: 'hold the warm-up',
  fix_authentication: 'mend SPF, DKIM, DMARC, PTR or TLS',
  suppress_recipient: 'mail the address no more',
  hold_stream: 'hold the stream, look at content and list',
  disable_source: 'take the source out',
};

/** `421 or 4xx, 4.7.28 or 4.7.*, text like /unusual rate/` */
export function matchWords({ codes, enhanced, pattern, phases }: ReplyRule['match']): string {
  const parts = [
    codes.map((code) => (code < 10 ? `${code}xx` : String(code))).join(' or '),
    enhanced.join(' or '),
    pattern === null ? '' : `text like /${pattern}/`,
    phases.length === 0 ? '' : `to ${phases.join(' or ')}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `temporary whatever the code`; null where the code says it. */
export function permanenceWords({ permanence }: Pick<ReplyRule, 'permanence'>): string | null {
  return permanence === null ? null : `${permanence} whatever the code`;
}

/** Where it comes from and whether a newer version of its preset would be taken over. */
export function originOf({ preset, edited, newestPreset }: Pick<ProviderSummary, 'preset' | 'edited' | 'newestPreset'>): string {
  if (preset === null) return 'made here';
  if (!edited) return `preset, version ${preset.version}`;
  const newer = newestPreset !== null && newestPreset > preset.version ? `; version ${newestPreset} is there` : '';
  return `edited, from version ${preset.version}${newer}`;
}
