// What is wrong with one entity by itself beyond what its schema says: what the use case that makes one of its kind refuses too.
import { isIP } from 'node:net';
import {
  automationProblem,
  connectionDimensions,
  connectionKinds,
  dimensionsOf,
  groupsProblem,
  limitDimensions,
  settingDimensions,
  settingKeys,
  type EntityBody,
  type EntityKind,
  type LimitDimension,
} from '@sluice/contract';
import { automationPatternProblem, checkReplyRules, scheduleProblem } from '@sluice/policy';
import { Refusal } from '../refusal.ts';
import { networkProblem } from '../tenants/network.ts';

export type Problem = { readonly field: string; readonly message: string };
type Body<K extends EntityKind> = EntityBody<K>;

const none: Problem[] = [];
const problem = (field: string, message: string | null | undefined): Problem[] => (message ? [{ field, message }] : none);

/** `egress`: in the sandbox sources bind loopback addresses only. */
export function entityProblems(kind: EntityKind, body: EntityBody, egress: 'sandbox' | 'internet'): Problem[] {
  switch (kind) {
    case 'source':
      return sourceProblems(body as Body<'source'>, egress);
    case 'pool':
      return repeated(
        'members',
        (body as Body<'pool'>).members.map(({ sourceId }) => sourceId),
        'a source',
      );
    case 'provider': {
      const { replyRules, mxSuffixes } = body as Body<'provider'>;
      const rules = checkReplyRules(replyRules).map(({ at, field, message }) => ({ field: `replyRules.${at}.${field}`, message }));
      return [...rules, ...repeated('mxSuffixes', mxSuffixes, 'a suffix')];
    }
    case 'relay':
      return problem('', networkProblem((body as Body<'relay'>).cidr));
    case 'route':
      return loginProblem('authUsername', (body as Body<'route'>).authUsername, (body as Body<'route'>).authSecretId);
    case 'limit':
      return limitProblems(body as Body<'limit'>);
    case 'setting':
      return settingProblems(body as Body<'setting'>);
    case 'warm_up': {
      const { groups, schedule, sourceIds } = body as Body<'warm_up'>;
      const parts = [...problem('groups', groupsProblem(groups)), ...problem('schedule', scheduleProblem(schedule))];
      return [...parts, ...repeated('sources', sourceIds, 'a source')];
    }
    case 'automation': {
      const rule = body as Body<'automation'>;
      return [...problem('', automationProblem(rule)), ...problem('trigger.match.pattern', automationPatternProblem(rule))];
    }
    case 'tenant':
    case 'stream':
    case 'domain':
    case 'dkim_key':
    case 'credential':
      return none;
  }
}

/** Refuses the first problem. */
export function assertSound<K extends EntityKind>(kind: K, body: EntityBody<K>, egress: 'sandbox' | 'internet'): void {
  const [first] = entityProblems(kind, body as EntityBody, egress);
  if (first) throw new Refusal('BAD_REQUEST', first.field === '' ? first.message : `${first.field}: ${first.message}`);
}

const repeated = (field: string, values: readonly string[], what: string): Problem[] =>
  problem(field, new Set(values).size === values.length ? null : `${what} is named twice`);

const loginProblem = (field: string, username: string | null, secretId: string | null): Problem[] =>
  problem(field, (username === null) === (secretId === null) ? null : 'a login is a user name and a password');

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

function sourceProblems({ publicAddress, bindAddress, family, proxy }: Body<'source'>, egress: 'sandbox' | 'internet'): Problem[] {
  const problems: Problem[] = [];
  for (const [field, address] of Object.entries({ publicAddress, bindAddress }))
    if (isIP(address) !== family) problems.push({ field, message: `${address} is not an IPv${family} address` });
  if (egress === 'sandbox' && !isLoopback(bindAddress))
    problems.push({ field: 'bindAddress', message: `a sandbox source binds a loopback address, not ${bindAddress}` });
  if (proxy === null) return problems;
  if (egress === 'sandbox' && !isLoopback(proxy.host))
    problems.push({ field: 'proxy.host', message: `a sandbox source goes through a loopback proxy, not ${proxy.host}` });
  if (proxy.kind === 'haproxy' && proxy.username !== null) problems.push({ field: 'proxy.username', message: 'HAProxy asks for no login' });
  return [...problems, ...loginProblem('proxy.username', proxy.username, proxy.secretId)];
}

function limitProblems({ kind, where, by }: Body<'limit'>): Problem[] {
  if (new Set(by).size !== by.length) return [{ field: 'by', message: 'a dimension is named twice' }];
  if (!connectionKinds.some((counted) => counted === kind)) return none;
  const known: readonly LimitDimension[] = connectionDimensions;
  const named = [...limitDimensions.filter((dimension) => where[dimension] !== undefined), ...by];
  const shared = named.find((dimension) => !known.includes(dimension));
  return problem('by', shared && `mail of every ${shared} shares connections: limit them by ${known.join(', ')} only`);
}

/** What a rule for such mail could never bring about, as the rule's own procedures refuse it. */
function settingProblems({ where, values }: Body<'setting'>): Problem[] {
  const given = settingKeys.filter((key) => values[key] !== undefined);
  if (given.length === 0) return [{ field: 'values', message: 'the rule gives no value' }];
  const named = settingDimensions.filter((dimension) => where[dimension] !== undefined);
  return given.flatMap((key) => {
    const beyond = named.filter((dimension) => !dimensionsOf(key).includes(dimension));
    return problem(`values.${key}`, beyond.length > 0 ? `does not differ by ${beyond.join(' or ')}` : null);
  });
}
