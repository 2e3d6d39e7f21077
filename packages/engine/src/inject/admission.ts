// Who may send what, as pure rules over the running generation. The credential or relay fixes the tenant and its usual stream; headers
// only narrow (to another stream of the same tenant, to a pool of that stream's list, to a campaign label), and whatever names something
// of another tenant is refused with the same words as something that does not exist, so that nothing leaks about the neighbours.
import { campaignName } from '@sluice/contract';
import type { Generation } from '../config/generation.ts';
import { addressLiteral, splitMailbox } from '../message/index.ts';
import { refusals, type Refusal } from './refusal.ts';

/** What of the running configuration decides who may send what. */
export type SubmissionGeneration = Pick<
  Generation,
  'tenant' | 'stream' | 'streamNamed' | 'credential' | 'relayFor' | 'ownsDomain' | 'poolNamed'
>;

/** On whose behalf a session sends, and what gave it the right. */
export type Principal = { tenantId: string; streamId: string; by: 'credential' | 'relay'; id: string };

/** Values of the X-Sluice- fields by the rest of their name: tenant, stream, pool, campaign. They were removed from the message. */
export type Instructions = ReadonlyMap<string, string>;

export type Lane = { streamId: string; poolId: string | null; campaign: string | null; expirySeconds: number };
export type Admitted<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** The principal of a session that did not authenticate: the relay its address belongs to, if any. */
export function relayPrincipal(generation: SubmissionGeneration, address: string): Principal | null {
  const relay = generation.relayFor(address);
  return relay ? { tenantId: relay.tenantId, streamId: relay.streamId, by: 'relay', id: relay.id } : null;
}

/** Whether what let the session in still exists: a credential can be disabled while its session is open. */
export function stillAdmitted(generation: SubmissionGeneration, principal: Principal, username: string | null, address: string): boolean {
  if (principal.by === 'relay') return relayPrincipal(generation, address)?.id === principal.id;
  const credential = username === null ? undefined : generation.credential(username);
  return credential !== undefined && credential.enabled && credential.id === principal.id;
}

/** Domain of an envelope address in A-labels, or null when it has none that mail could go to (an address literal, say). */
export function domainOf(address: string): string | null {
  const domain = splitMailbox(address)?.domain ?? null;
  return domain !== null && /^[0-9.]+$/.test(domain) ? null : domain; // an address without its brackets
}

/** Domain of a recipient: as of any address, or an address literal in its usual spelling. RFC 5321 section 4.1.2 */
export function recipientDomain(address: string): string | null {
  const at = address.lastIndexOf('@');
  const literal = at < 1 ? null : addressLiteral(address.slice(at + 1));
  if (literal === null) return domainOf(address);
  return literal.includes(':') ? `[IPv6:${literal.toLowerCase()}]` : `[${literal}]`;
}

/** The null sender is always allowed (RFC 5321 section 4.5.5); any other must lie in a sending domain of the tenant. */
export function admitSender(generation: SubmissionGeneration, principal: Principal, sender: string): Refusal | null {
  if (sender === '') return null;
  const domain = domainOf(sender);
  return domain !== null && generation.ownsDomain(principal.tenantId, domain) ? null : refusals.senderNotOwned;
}

/** Where the message goes inside the tenant, after its From domain and instructions were checked. */
export function admitContent(
  generation: SubmissionGeneration,
  principal: Principal,
  fromDomain: string,
  instructions: Instructions,
): Admitted<Lane> {
  if (!generation.ownsDomain(principal.tenantId, fromDomain)) return { ok: false, refusal: refusals.fromNotOwned };
  const tenant = generation.tenant(principal.tenantId);
  const named = instructions.get('tenant');
  if (named !== undefined && named !== tenant?.slug && named !== principal.tenantId) return { ok: false, refusal: refusals.tenantHeader };

  const streamName = instructions.get('stream');
  const stream = streamName === undefined ? generation.stream(principal.streamId) : generation.streamNamed(principal.tenantId, streamName);
  if (!stream || stream.tenantId !== principal.tenantId)
    return { ok: false, refusal: streamName === undefined ? refusals.principalGone : refusals.streamHeader };

  const poolName = instructions.get('pool');
  const pool = poolName === undefined ? undefined : generation.poolNamed(poolName);
  if (poolName !== undefined && (!pool || !stream.poolIds.includes(pool.id))) return { ok: false, refusal: refusals.poolHeader };

  const campaign = instructions.get('campaign');
  if (campaign !== undefined && !campaignName.safeParse(campaign).success) return { ok: false, refusal: refusals.campaignHeader };
  return {
    ok: true,
    value: { streamId: stream.id, poolId: pool?.id ?? null, campaign: campaign ?? null, expirySeconds: stream.expirySeconds },
  };
}
