// A connection as reports count it: under which policy of which domain it stood, and whether it did what that policy demands.
// RFC 8460 section 4.2 and 4.3
import type { TlsResultType } from '@sluice/contract';
import { usableRecords } from '../deliver/tlsa.ts';
import type { TlsaRecord, TlsSeen } from '../ports.ts';
import type { ReadyPath } from '../queue/ready-path.ts';
import type { StsPolicy } from '../route/mta-sts-policy.ts';
import type { PolicyType, SeenPolicy } from './tally.ts';

const maxStrings = 20;

/**
 * The domain whose mail wanted the connection; null where no policy of a domain can be meant: a route of the operator's, a literal, mail that
 * leaves policies aside. Reports are such mail, so that no report is made because of another.
 */
export function policyDomainOf(path: ReadyPath): string | null {
  const [first] = path.lanes;
  const lane = path.credit?.lane ?? first;
  if (path.route.fixed !== undefined || !lane) return null;
  const { domain } = lane.queue;
  return domain.startsWith('[') || lane.peek()?.options?.tlsOptional === true ? null : domain;
}

/** The policy that such a session stood under. `sts`: the domain's own MTA-STS policy, when it is known. */
export function policyOf(path: ReadyPath, domain: string, tlsa: readonly TlsaRecord[], sts: StsPolicy | null): SeenPolicy {
  const type = typeOf(path, tlsa);
  return {
    ...{ domain, type },
    describe() {
      const mxHosts = type === 'sts' ? (sts?.mx ?? []) : path.route.exchanges.map(({ host }) => host);
      return { strings: stringsOf(type, tlsa, sts), mxHosts: type === 'no-policy-found' ? [] : mxHosts.slice(0, maxStrings) };
    },
  };
}

/** The domain's own MTA-STS policy where no session was come by. */
export function stsPolicyOf(domain: string, sts: StsPolicy | null): SeenPolicy {
  return {
    ...{ domain, type: 'sts' },
    describe: () => ({ strings: stringsOf('sts', [], sts), mxHosts: (sts?.mx ?? []).slice(0, maxStrings) }),
  };
}

function typeOf({ egress, route }: ReadyPath, tlsa: readonly TlsaRecord[]): PolicyType {
  if (egress.security.dane && tlsa.length > 0) return 'tlsa';
  return egress.security.mtaSts || route.mtaSts !== undefined ? 'sts' : 'no-policy-found';
}

function stringsOf(type: PolicyType, tlsa: readonly TlsaRecord[], sts: StsPolicy | null): string[] {
  switch (type) {
    case 'tlsa':
      return tlsa.slice(0, maxStrings).map(({ usage, selector, matchingType, data }) => {
        return `${usage} ${selector} ${matchingType} ${Buffer.from(data).toString('hex').toUpperCase()}`.slice(0, 500);
      });
    case 'sts':
      return sts ? linesOf(sts) : [];
    case 'no-policy-found':
      return [];
  }
}

function linesOf({ mode, mx, maxAgeSeconds }: StsPolicy): string[] {
  return ['version: STSv1', `mode: ${mode}`, ...mx.slice(0, maxStrings).map((name) => `mx: ${name}`), `max_age: ${maxAgeSeconds}`];
}

/**
 * What went wrong by the measure of the policy; null when nothing did. In testing mode a doubt is a failure though the mail goes, and so are
 * records of which none can be used.
 */
export function resultOf(type: PolicyType, { host, trouble, doubt }: TlsSeen): TlsResultType | null {
  if (trouble !== null) return trouble;
  switch (type) {
    case 'sts':
      return doubt;
    case 'tlsa':
      return usableRecords(host.tlsa ?? []).length === 0 ? 'tlsa-invalid' : null;
    case 'no-policy-found':
      return null;
  }
}
