// Mailbox providers as data. A later provider is one more entry of a file and one more name here.
import { att, charter } from './american.ts';
import { apple } from './apple.ts';
import { naver, netease, qq, yahooJapan } from './asian.ts';
import { comcast } from './comcast.ts';
import { bt, ionos, mailRu, seznam, strato, tOnline, yandex } from './european.ts';
import { barracuda, cisco, messageLabs, mimecast, proofpoint } from './gateways.ts';
import { gmail } from './gmail.ts';
import { gmx } from './gmx.ts';
import { fastmail, proton, rackspace, workMail, zoho } from './hosted.ts';
import { orange } from './orange.ts';
import { outlook } from './outlook.ts';
import { free, italiaonline, laposte, ovh, sfr } from './romance.ts';
import { yahoo } from './yahoo.ts';
import type { MxRecord, ProviderPreset, SimulatedPreset } from './preset.ts';

export { apple, comcast, gmail, gmx, orange, outlook, yahoo };
export { automationPresets, type AutomationPreset } from './automation-presets.ts';
export { fillReply, replyLines } from './fill-reply.ts';
export type { MxRecord, ProviderPreset, ReactionReplies, SampleReplies, SampleReply, SimulatedPreset, StartingLimit } from './preset.ts';

/** Those of which a simulator knows enough to stand in for them. */
export const simulatedPresets: readonly SimulatedPreset[] = [gmail, yahoo, outlook, apple, comcast, orange, gmx];

export const providerPresets: readonly ProviderPreset[] = [
  ...simulatedPresets,
  ...[ionos, tOnline, strato, free, sfr, laposte, italiaonline, bt, mailRu, yandex, seznam, ovh],
  ...[att, charter],
  ...[qq, netease, naver, yahooJapan],
  ...[zoho, fastmail, proton, rackspace, workMail],
  ...[mimecast, proofpoint, barracuda, cisco, messageLabs],
];

/** MX records that the domain of a customer has at this provider; null where the provider serves only domains of its own. */
export function customerMx({ simulated: { customerMx: pattern } }: SimulatedPreset, domain: string): MxRecord | null {
  if (!pattern) return null;
  return { exchange: pattern.exchange.replace('{domain}', domain.replaceAll('.', '-')), preference: pattern.preference };
}
