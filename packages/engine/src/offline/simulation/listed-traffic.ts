// Arrivals of a simulation from a list that somebody wrote: a line each, as JSON or as CSV with a head line. `at` and `recipient` must be
// there; tenant, stream and sender may be left out where the configuration leaves one choice. Read as it is needed: a list may be long.
import { domainToASCII } from 'node:url';
import type { Arrival } from './arrival.ts';
import type { SimulatedEntity } from './simulated-config.ts';

/** A line that cannot be used; the message says which and why. */
export class ListProblem extends Error {}

const columns = ['at', 'recipient', 'sender', 'tenant', 'stream', 'campaign', 'sizeBytes', 'pool', 'message'] as const;
type Column = (typeof columns)[number];
type Cells = Partial<Record<Column, string>>;
const defaultSizeBytes = 20_000;
const maxSizeBytes = 1_000_000_000;
/** Domains whose A-labels are remembered. */
const maxDomains = 100_000;

/** `lines`: of the file, in order of time. Throws a ListProblem. */
export function* listedTraffic(lines: Iterable<string>, entities: readonly SimulatedEntity[]): Generator<Arrival> {
  const who = senders(entities);
  const domains = new Map<string, string>();
  let head: Column[] | null = null;
  let number = 0;
  let beforeMs = -Infinity;
  for (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const isJson = line.trimStart().startsWith('{');
    if (!isJson && head === null) {
      head = headOf(line);
      continue;
    }
    const problem = (message: string): never => {
      throw new ListProblem(`line ${number}: ${message}`);
    };
    const cells = isJson ? cellsOfJson(line, problem) : cellsOfCsv(line, head ?? [], problem);
    const arrival = arrivalOf(cells, who, domains, problem);
    if (arrival.atMs < beforeMs) problem('it is before the line above: sort the list by time');
    beforeMs = arrival.atMs;
    yield arrival;
  }
}

type Problem = (message: string) => never;

function headOf(line: string): Column[] {
  return csvCells(line).map((name) => {
    const column = columns.find((one) => one === name.trim());
    if (!column) throw new ListProblem(`line 1: ${name.trim() || 'an empty word'} is no column; they are ${columns.join(', ')}`);
    return column;
  });
}

function cellsOfJson(line: string, problem: Problem): Cells {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return problem('it is no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) return problem('it is no object');
  const cells: Cells = {};
  for (const [name, value] of Object.entries(parsed)) {
    const column = columns.find((one) => one === name);
    if (!column) return problem(`${name} is no field; they are ${columns.join(', ')}`);
    if (typeof value === 'string' || typeof value === 'number') cells[column] = String(value);
    else if (value !== null) return problem(`${name} is neither text nor a number`);
  }
  return cells;
}

function cellsOfCsv(line: string, head: readonly Column[], problem: Problem): Cells {
  const values = csvCells(line);
  if (values.length > head.length) return problem(`it has ${values.length} cells, the head line ${head.length}`);
  const cells: Cells = {};
  head.forEach((column, index) => {
    const value = values[index]?.trim();
    if (value) cells[column] = value;
  });
  return cells;
}

/** RFC 4180 section 2, without line ends in cells. */
function csvCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/y;
  while (pattern.lastIndex < line.length) {
    const match = pattern.exec(line);
    if (!match) break;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (pattern.lastIndex === line.length && line.endsWith(',')) cells.push('');
  }
  return cells;
}

/** `domains`: in A-labels, by how they were written. */
function arrivalOf(cells: Cells, who: Senders, domains: Map<string, string>, problem: Problem): Arrival {
  const { at, recipient, campaign = null, sizeBytes, pool, message = null } = cells;
  if (at === undefined) return problem('at is missing: a time such as 2026-11-01T09:30:00Z, or milliseconds since the epoch');
  const atMs = /^\d+$/.test(at) ? Number(at) : Date.parse(at);
  if (!Number.isFinite(atMs)) return problem(`at: ${at} is no time`);
  const written = recipient?.slice(recipient.lastIndexOf('@') + 1) ?? '';
  const known = domains.get(written);
  const domain = known ?? domainToASCII(written);
  if (recipient === undefined || !recipient.includes('@') || domain === '') return problem('recipient is no address');
  if (known === undefined && domains.size < maxDomains) domains.set(written, domain);
  const size = sizeBytes === undefined ? defaultSizeBytes : Number(sizeBytes);
  if (!(size >= 0 && size <= maxSizeBytes)) return problem(`sizeBytes: ${sizeBytes} is no number of bytes`);
  const stream = who.streamOf(cells, problem);
  const poolId = pool === undefined ? null : (who.pools.get(pool) ?? problem(`pool: none is named ${pool}`));
  return {
    ...{ atMs, message, tenantId: stream.tenantId, streamId: stream.id, campaign, recipient, domain, sizeBytes: size, poolId },
    ...{ sender: cells.sender ?? stream.sender, notBeforeMs: null },
  };
}

type Stream = { id: string; tenantId: string; names: readonly string[]; tenantNames: readonly string[]; sender: string };
type Senders = { streamOf(cells: Cells, problem: Problem): Stream; pools: ReadonlyMap<string, string> };

const textIn = (body: unknown, field: string): string => {
  const value: unknown = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value : '';
};

/** Who may send, by the names that a list may use: ids, names, and the short names of tenants. */
function senders(entities: readonly SimulatedEntity[]): Senders {
  const of = (kind: SimulatedEntity['kind']): SimulatedEntity[] => entities.filter((entity) => entity.kind === kind);
  const tenants = new Map(of('tenant').map(({ id, body }) => [id, [id, textIn(body, 'name'), textIn(body, 'slug')]]));
  const domains = new Map(of('domain').map(({ body }) => [textIn(body, 'tenantId'), textIn(body, 'domain')]));
  const streams = of('stream').map(({ id, body }): Stream => {
    const tenantId = textIn(body, 'tenantId');
    const sender = `sender@${domains.get(tenantId) ?? 'sender.example'}`;
    return { id, tenantId, names: [id, textIn(body, 'name')], tenantNames: tenants.get(tenantId) ?? [], sender };
  });
  const found = new Map<string, Stream>();
  return {
    pools: new Map(of('pool').flatMap(({ id, body }) => [id, textIn(body, 'name')].map((name) => [name, id] as const))),
    streamOf({ tenant, stream }, problem) {
      const key = `${tenant ?? ''}\0${stream ?? ''}`;
      const known = found.get(key);
      if (known) return known;
      const fits = streams.filter(
        (one) => (tenant === undefined || one.tenantNames.includes(tenant)) && (stream === undefined || one.names.includes(stream)),
      );
      const [first] = fits;
      if (!first) return problem(`the configuration has no stream ${stream ?? ''} of tenant ${tenant ?? ''}`.replace(/ +/g, ' ').trim());
      if (fits.length > 1) return problem('several streams fit: name the tenant and the stream');
      found.set(key, first);
      return first;
    },
  };
}
