// What a rule counts apart: a source at a provider, a tenant, a campaign, or what a reply blames. A place holds the windows that the rules
// of one such thing look at; rules with the same window share one.
import type { AutomationPer, AutomationWhere, BlamedIdentity, DecisionSubject } from '@sluice/contract';
import { LatencyWindow } from './latency-window.ts';
import { OutcomeWindow } from './outcome-window.ts';

/** What is known of mail where its outcome is seen. `group`: its provider, or the site of one that nobody knows. */
export type PlaceMail = {
  readonly source: string;
  readonly provider: string | null;
  readonly site: string;
  readonly tenant: string | null;
  readonly stream: string | null;
  readonly campaign: string | null;
};

export type PlaceName = { readonly key: string; readonly subject: DecisionSubject };

const groupOf = ({ provider, site }: PlaceMail): { key: string; subject: DecisionSubject } =>
  provider === null ? { key: `site ${site}`, subject: { site } } : { key: provider, subject: { provider } };

/** Narrower than what is counted apart by itself: such a rule has places of its own. */
function narrowing(where: AutomationWhere, subject: DecisionSubject): { key: string; subject: DecisionSubject } {
  let key = '';
  const more: DecisionSubject = {};
  for (const dimension of ['source', 'provider', 'tenant', 'stream', 'campaign'] as const) {
    const value = where[dimension];
    if (value === undefined || subject[dimension] === value) continue;
    key += `\0${dimension} ${value}`;
    more[dimension] = value;
  }
  return { key, subject: more };
}

function named(parts: readonly string[], subject: DecisionSubject, where: AutomationWhere): PlaceName {
  const more = narrowing(where, subject);
  return { key: parts.join('\0') + more.key, subject: { ...subject, ...more.subject } };
}

export function sourcePlace(mail: PlaceMail, where: AutomationWhere = {}): PlaceName {
  const group = groupOf(mail);
  return named(['source', mail.source, group.key], { source: mail.source, ...group.subject }, where);
}

export function tenantProviderPlace(mail: PlaceMail, where: AutomationWhere = {}): PlaceName | null {
  if (mail.tenant === null) return null;
  const group = groupOf(mail);
  return named(['tenant', mail.tenant, group.key], { tenant: mail.tenant, ...group.subject }, where);
}

/** Null: there is no such thing for this mail. */
export function placeOf(per: Exclude<AutomationPer, 'identity'>, mail: PlaceMail, where: AutomationWhere): PlaceName | null {
  const { tenant, campaign } = mail;
  switch (per) {
    case 'source_provider':
      return sourcePlace(mail, where);
    case 'tenant_provider':
      return tenantProviderPlace(mail, where);
    case 'tenant':
      return tenant === null ? null : named(['tenant', tenant], { tenant }, where);
    case 'campaign':
      return tenant === null || campaign === null ? null : named(['campaign', tenant, campaign], { tenant, campaign }, where);
  }
}

/** What the reply blames, as something that can be held. A domain is held through the tenant that owns it: over all sources. */
export function blamedPlace(
  mail: PlaceMail & { readonly signingDomain: string | null; readonly senderDomain?: string | null },
  identity: BlamedIdentity,
  text: string,
  where: AutomationWhere,
): PlaceName | null {
  switch (identity) {
    case 'none':
    case 'source': {
      const place = sourcePlace(mail, where);
      // A network is a source and those next to it.
      return /\bnet ?(?:block|work|range)\b/i.test(text)
        ? { key: `network\0${place.key}`, subject: { ...place.subject, identity: 'network' } }
        : place;
    }
    case 'dkim_domain':
    case 'envelope_domain':
    case 'url_domain':
    case 'account':
    case 'message': {
      const place = tenantProviderPlace(mail, where);
      const identityName = identity === 'dkim_domain' ? mail.signingDomain : null;
      return place && { key: place.key, subject: { ...place.subject, identity: identityName ?? identity.replaceAll('_', ' ') } };
    }
    case 'recipient':
      return null;
  }
}

export class Place {
  readonly key: string;
  readonly subject: DecisionSubject;
  readonly windows = new Map<number, OutcomeWindow>();
  readonly latencies = new Map<number, LatencyWindow>();
  /** Of the refusals that a rule matches, by its id. */
  readonly matched = new Map<string, OutcomeWindow>();
  /** When a refusal that a rule matches was last seen, by its id. */
  readonly lastMatchMs = new Map<string, number>();

  constructor({ key, subject }: PlaceName) {
    this.key = key;
    this.subject = subject;
  }

  window(windowMs: number): OutcomeWindow {
    return made(this.windows, windowMs, () => new OutcomeWindow(windowMs));
  }

  latency(windowMs: number): LatencyWindow {
    return made(this.latencies, windowMs, () => new LatencyWindow(windowMs));
  }

  matches(ruleId: string, windowMs: number): OutcomeWindow {
    return made(this.matched, ruleId, () => new OutcomeWindow(windowMs));
  }

  /** What was seen before a change says nothing of after it. */
  reset(): void {
    for (const window of [...this.windows.values(), ...this.latencies.values(), ...this.matched.values()]) window.reset();
  }

  /** Of rules that are no more nothing is kept. */
  forgetOthers(rules: ReadonlyMap<string, unknown>): void {
    for (const ruleId of this.matched.keys()) if (!rules.has(ruleId)) this.matched.delete(ruleId);
    for (const ruleId of this.lastMatchMs.keys()) if (!rules.has(ruleId)) this.lastMatchMs.delete(ruleId);
  }

  isEmpty(nowMs: number): boolean {
    for (const window of this.windows.values()) if (!window.isEmpty(nowMs)) return false;
    for (const window of this.matched.values()) if (!window.isEmpty(nowMs)) return false;
    return true;
  }
}

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}
