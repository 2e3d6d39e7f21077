// `sluice trace --domain example.com`: starts a protocol trace and prints its lines as they come, until it is over by itself or Ctrl-C,
// which stops it on the nodes too.
import type { Command } from 'commander';
import type { TraceLine, TraceLineKind, TraceReport } from '@sluice/contract';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable } from './outcome.ts';
import { someScope, type ScopeOptions, withScope } from './scope-options.ts';

const pollMs = 400;
/** Ended nodes hand over their last lines within this. */
const lastLinesMs = 2_000;
const linesAtOnce = 1_000;

type Options = ScopeOptions & { minutes: string; sessions: string; lines: string; reason: string; json?: true };
type Told = TraceLine & { node: string };

const signs: Record<TraceLineKind, string> = {
  opened: '*',
  connected: '*',
  sent: '>',
  received: '<',
  message: '>',
  tls: '* TLS',
  closed: '* closed',
};

function show(line: Told): void {
  const { node, session, at, sinceMs, kind, text } = line;
  print(printable(`${at.slice(11, 23)} ${node}#${session} +${sinceMs.toFixed(1)} ms ${signs[kind]} ${text}`.trimEnd()));
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new CommandFailure(`${name} is a whole number`, exitCodes.usage);
  return Number(text);
}

async function traceSessions(options: Options): Promise<void> {
  const { client } = connect();
  const bounds = {
    minutes: wholeNumber('--minutes', options.minutes),
    sessions: wholeNumber('--sessions', options.sessions),
    lines: wholeNumber('--lines', options.lines),
  };
  const scope = await someScope(client, options);
  const { traceId, expiresAt } = await client.traces.start.mutate({ scope, ...bounds, reason: options.reason });
  if (!options.json) process.stderr.write(`tracing until ${expiresAt} (${traceId}); Ctrl-C stops it\n`);
  let stopping = false;
  const stop = (): void => {
    stopping = true;
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const after: Record<string, number> = {};
  let overAtMs: number | null = null;
  for (;;) {
    if (stopping && overAtMs === null) {
      overAtMs = performance.now();
      // It may have ended by itself in this moment.
      await client.traces.stop.mutate({ id: traceId, reason: options.reason }).catch(() => undefined);
    }
    const { trace, lines } = await client.traces.lines.query({ id: traceId, after, limit: linesAtOnce });
    for (const line of lines) {
      after[line.node] = Math.max(after[line.node] ?? 0, line.seq);
      if (options.json) print(JSON.stringify(line));
      else show(line);
    }
    if (!trace.running) overAtMs ??= performance.now();
    const told = trace.reports.every((report) => report.ended !== null && (after[report.node] ?? 0) >= report.lines);
    if (overAtMs !== null && lines.length < linesAtOnce && (told || performance.now() - overAtMs > lastLinesMs)) {
      if (!options.json) summary(trace.reports);
      return;
    }
    if (lines.length < linesAtOnce) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function summary(reports: readonly TraceReport[]): void {
  for (const { node, sessions, lines, dropped, ended } of reports)
    process.stderr.write(
      printable(
        `${node}: ${sessions} ${sessions === 1 ? 'session' : 'sessions'}, ${lines} ${lines === 1 ? 'line' : 'lines'}, ${dropped} dropped, over: ${ended ?? 'not known'}`,
      ) + '\n',
    );
}

export function addTraceCommand(sluice: Command): void {
  withScope(sluice.command('trace').description('show the SMTP sessions of what the scope names as they happen; ends by itself'))
    .option('--minutes <number>', 'for how long, at most 60', '10')
    .option('--sessions <number>', 'how many on each node, at most 100', '20')
    .option('--lines <number>', 'how many on each node, at most 10000', '2000')
    .option('--reason <text>', 'why, for the audit', 'traced from the command line')
    .option('--json', 'print one JSON object a line')
    .action(traceSessions);
}
