// Mailbox providers as data. A later provider is one more file and one more line here.
import { gmail } from './gmail.ts';
import { outlook } from './outlook.ts';
import { yahoo } from './yahoo.ts';
import type { ProviderPreset } from './preset.ts';

export { gmail, outlook, yahoo };
export { fillReply } from './fill-reply.ts';
export type { DefaultLimit, MxRecord, ProviderPreset, SampleReplies, SampleReply } from './preset.ts';

export const providerPresets: readonly ProviderPreset[] = [gmail, yahoo, outlook];

/** MX records that the domain of a customer has at this provider; null where the provider serves only domains of its own. */
export function customerMx(preset: ProviderPreset, domain: string): { exchange: string; preference: number } | null {
  if (!preset.customerMx) return null;
  return {
    exchange: preset.customerMx.exchange.replace('{domain}', domain.replaceAll('.', '-')),
    preference: preset.customerMx.preference,
  };
}
