// `sluice status`: what runs, where, and how it is. From the run file, the health endpoints and the nodes' newest frames.
import type { Command } from 'commander';
import type { SluiceClient } from '@sluice/client';
import { isAlive } from '../supervisor/process-table.ts';
import { connectHere, consoleFetch } from './connection.ts';
import { print, printable, printJson } from './outcome.ts';

const requestTimeoutMs = 3000;

async function healthOf(address: string, request: typeof fetch): Promise<{ ok: boolean; detail: string }> {
  try {
    const answer = await request(`${address}/healthz`, { signal: AbortSignal.timeout(requestTimeoutMs), redirect: 'manual' });
    await answer.body?.cancel();
    return { ok: answer.status === 200, detail: `HTTP ${answer.status}` };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

type Nodes = Awaited<ReturnType<SluiceClient['nodes']['list']['query']>>;

function describeNode({ node, state, egress, revision, headRevision, problems, frame }: Nodes[number]) {
  const queue = frame?.queue ?? null;
  const queueDepth = queue === null ? null : queue.scheduled + queue.ready + queue.inFlight + queue.held;
  return {
    node,
    health: state,
    egress,
    revision,
    headRevision,
    queueDepth,
    queue,
    accepting: frame?.accepting ?? null,
    damage: frame?.damage ?? null,
    problems,
  };
}

async function status(options: { json?: boolean }): Promise<void> {
  const { run, client } = connectHere();
  const [console, engine, nodes] = await Promise.all([
    healthOf(run.addresses.console, consoleFetch(run)),
    healthOf(run.addresses.engineHttp, fetch),
    client.nodes.list.query().catch(() => null),
  ]);
  const processes = Object.fromEntries(Object.entries(run.processes).map(([name, id]) => [name, { pid: id.pid, alive: isAlive(id) }]));
  const described = (nodes ?? []).map(describeNode);
  const { startedAt, egress, dataDir, addresses, ports, postgres, sandbox } = run;
  const report = {
    running: true,
    startedAt,
    egress,
    dataDir,
    addresses,
    ports,
    postgres,
    sandbox,
    revision: nodes?.[0]?.headRevision ?? null,
    health: { console, engine },
    nodes: described,
    processes,
  };
  if (options.json) {
    printJson(report);
    return;
  }
  const health = (name: string, { ok, detail }: { ok: boolean; detail: string }): string =>
    `${name} ${ok ? 'healthy' : `not healthy (${detail})`}`;
  print(`Running since ${startedAt}, egress ${egress}, revision ${report.revision ?? 'unknown'}`);
  print(`  Console   ${addresses.console} (${health('console', console)})`);
  print(`  SMTP      ${addresses.smtp} (${health('engine', engine)})`);
  print(`  Data      ${dataDir}`);
  print(`  Postgres  ${postgres === null ? 'DATABASE_URL' : `port ${postgres.port}, ${postgres.dataDirectory}`}`);
  for (const { node, health: state, revision, queueDepth, damage, problems } of described) {
    print(`  Node      ${printable(node)}: ${state}, revision ${revision ?? 'none'}, ${queueDepth ?? 'unknown'} in queue`);
    if (damage !== null && damage.since !== null) {
      const { entries, injections, stretches, since } = damage;
      const what = `${stretches} damaged stretches of the journal, ${injections} messages and ${entries} entries set aside`;
      print(`            DAMAGED SPOOL since ${new Date(since).toISOString()}: ${what}`);
      print('            stop it and run `sluice spool verify`; what to do is in docs/damaged-spool.md');
    }
    for (const problem of problems)
      print(printable(`            refused ${problem.kind} ${problem.id} ${problem.field}: ${problem.message}`));
  }
  if (nodes === null) print('  Node      unknown: the console does not answer');
  for (const [name, { pid, alive }] of Object.entries(processes)) print(`  Process   ${name} ${pid}${alive ? '' : ' (dead)'}`);
}

const asJson = ['--json', 'print JSON'] as const;

export function addStatusCommand(sluice: Command): void {
  sluice
    .command('status')
    .description('what runs, where, and how it is')
    .option(...asJson)
    .action(status);
}
