// What `sluice doctor` makes of what it was told. Pure: every finding says what to do next, or nothing is wrong.
import type { SluiceClient } from '@sluice/client';
import type { CheckedSelector } from '../selector-records.ts';

export interface Finding {
  readonly check: string;
  /** `bad`: mail does not flow, or will not. `look`: an operator should look at it. */
  readonly state: 'good' | 'look' | 'bad';
  readonly detail: string;
  /** What to do; empty when nothing is wrong. */
  readonly next: string;
}

type Nodes = Awaited<ReturnType<SluiceClient['nodes']['list']['query']>>;
type Health = Awaited<ReturnType<SluiceClient['sources']['health']['query']>>;
type Pools = Awaited<ReturnType<SluiceClient['pools']['list']['query']>>;
type Sources = Awaited<ReturnType<SluiceClient['sources']['list']['query']>>;
type Domains = Awaited<ReturnType<SluiceClient['domains']['list']['query']>>;
type Selectors = Awaited<ReturnType<SluiceClient['selectors']['list']['query']>>;

const good = (check: string, detail: string): Finding => ({ check, state: 'good', detail, next: '' });
const look = (check: string, detail: string, next: string): Finding => ({ check, state: 'look', detail, next });
const bad = (check: string, detail: string, next: string): Finding => ({ check, state: 'bad', detail, next });

/** More than this apart, times on screens and in DKIM and TLS mislead. */
const clockSlackMs = 5_000;
const manyListed = 10;

export function versions(ours: string, theirs: string): Finding {
  if (ours === theirs) return good('version', `${theirs} here and there`);
  return look(
    'version',
    `this command line is ${ours}, the installation ${theirs}`,
    'use the command line that came with the installation',
  );
}

export function clock(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= clockSlackMs) return good('clock', 'goes with this machine');
  return look('clock', `${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine`, 'see that both keep time by NTP (timedatectl)');
}

const toNode: Readonly<Record<Nodes[number]['state'], (node: string) => Finding>> = {
  running: (node) => good(`node ${node}`, 'runs the newest revision'),
  behind: (node) =>
    look(`node ${node}`, 'runs an older revision', 'it takes the newest within seconds; if not, see its log for the database'),
  refusing: (node) =>
    bad(
      `node ${node}`,
      'refused the newest revision and runs the one before',
      'sluice nodes list says what it refused; change that, or roll the revision back',
    ),
  stale: (node) =>
    bad(
      `node ${node}`,
      'has not been heard from for over 5 s',
      'see whether its process runs and reaches the database: sluice status on its machine',
    ),
};

export function nodes(told: Nodes): Finding[] {
  if (told.length === 0) return [bad('nodes', 'no node has ever reported', 'start an engine: npm start, or see its log')];
  return told.flatMap(({ node, state, frame }) => {
    const found = [toNode[state](node)];
    if (state === 'stale' || frame === null) return found;
    if (!frame.accepting)
      found.push(
        bad(`node ${node}`, 'takes no mail now', 'most often the disk is nearly full (SLUICE_SPOOL_FREE_MIB), or it is being drained'),
      );
    if (frame.damage.since !== null)
      found.push(
        bad(
          `node ${node}`,
          `its spool is damaged (${frame.damage.entries} entries set aside)`,
          'stop it, run sluice spool verify, and read docs/damaged-spool.md',
        ),
      );
    return found;
  });
}

export function sourceHealth({ nodes: told, silent }: Health, sources: Sources): Finding[] {
  const names = new Map(sources.map(({ id, name }) => [id, name]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  const found = told.flatMap(({ node, sources: rows }) =>
    rows.flatMap((row) => {
      const out =
        row.state === 'in_use'
          ? []
          : [
              bad(
                `source ${nameOf(row.sourceId)}`,
                `out on ${node}: ${row.detail ?? row.reason ?? 'cannot send'}`,
                'sluice sources health says when it is tried again; sluice sources check tries it now',
              ),
            ];
      const dns = row.names;
      const wrong = dns === null || dns.state === 'good' ? [] : [look(`DNS of source ${nameOf(row.sourceId)}`, dns.finding, dns.remedy)];
      return [...out, ...wrong];
    }),
  );
  const unheard = silent.map((node) =>
    look(`node ${node}`, 'did not say how its sources are', 'see whether it runs: sluice status on its machine'),
  );
  if (found.length === 0 && unheard.length === 0) return [good('sources', 'all can send, and DNS knows their names')];
  return [
    ...found.slice(0, manyListed),
    ...(found.length > manyListed ? [look('sources', `${found.length - manyListed} more findings`, 'sluice sources health')] : []),
    ...unheard,
  ];
}

export function configuration(pools: Pools, sources: Sources, domains: Domains, selectors: Selectors): Finding[] {
  const on = new Set(sources.filter(({ enabled }) => enabled).map(({ id }) => id));
  const found: Finding[] = [];
  for (const { name, members, streams } of pools)
    if (streams.length > 0 && !members.some(({ sourceId, enabled, weight }) => enabled && weight > 0 && on.has(sourceId)))
      found.push(bad(`pool ${name}`, 'is used and has no source that may send', 'sluice pools set-members, or sluice sources enable'));
  const signed = new Set(selectors.filter(({ state }) => state === 'active').map(({ domain, tenantId }) => `${tenantId} ${domain}`));
  for (const { domain, tenantId } of domains)
    if (!signed.has(`${tenantId} ${domain}`))
      found.push(
        look(
          `domain ${domain}`,
          'its mail is not signed with DKIM',
          `sluice selectors create ${domain} s1 --activate, and put the record into DNS`,
        ),
      );
  if (found.length === 0) return [good('configuration', `${pools.length} pools, ${domains.length} sending domains in order`)];
  return found.length > manyListed
    ? [...found.slice(0, manyListed), look('configuration', `${found.length - manyListed} more findings`, 'see these first')]
    : found;
}

/** Of selectors that sign; `unasked` more were past the bound. */
export function selectorRecords(checked: readonly CheckedSelector[], unasked: number): Finding[] {
  const wrong = checked.filter(({ state }) => state !== 'present');
  const found = wrong.map(({ dnsName, finding, remedy }) => look(`DNS of selector ${dnsName}`, finding, remedy));
  const more = unasked > 0 ? [look('selectors', `${unasked} more were not looked at`, 'sluice selectors check --tenant TENANT')] : [];
  if (found.length + more.length === 0) return [good('selectors', `DNS has the records of the ${checked.length} that sign`)];
  if (found.length <= manyListed) return [...found, ...more];
  return [
    ...found.slice(0, manyListed),
    look('selectors', `${found.length - manyListed} more findings`, 'sluice selectors check'),
    ...more,
  ];
}

/** Nobody publishes records in the sandbox, whose DNS is its own. */
export const selectorsUnasked = (): Finding => good('selectors', 'not looked for in DNS: this is the sandbox, whose DNS is its own');

const mib = (bytes: number): number => Math.round(bytes / 1_048_576);

/** `floorMib`: below it no mail is taken. */
export function disk(freeBytes: number, floorMib: number, folder: string): Finding {
  const free = mib(freeBytes);
  if (free < floorMib)
    return bad(
      'disk',
      `${free} MiB free at ${folder}: no mail is taken below ${floorMib}`,
      'make room; mail that waits goes on being delivered',
    );
  if (free < 4 * floorMib)
    return look('disk', `${free} MiB free at ${folder}`, `make room before it falls below ${floorMib} MiB (SLUICE_SPOOL_FREE_MIB)`);
  return good('disk', `${free} MiB free at ${folder}`);
}

export function alerts(sentences: readonly string[]): Finding {
  if (sentences.length === 0) return good('decisions', 'nothing in the last day that wants a look');
  return look('decisions', `${sentences.length} in the last day, the newest: ${sentences[0]}`, 'sluice decisions --alerts');
}
