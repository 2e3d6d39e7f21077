// `sluice tlsrpt`: TLS with recipient domains as the nodes counted it, and the reports that were sent. RFC 8460
import type { Command } from 'commander';
import { connect } from './connection.ts';
import { print, printable, printJson, printRow } from './outcome.ts';

async function tlsReports(options: { failing?: true; json?: true }): Promise<void> {
  const { client } = connect();
  const answer = await client.nodes.tlsReports.query();
  if (options.json) return printJson(answer);
  for (const { node, from, policies, total, beyond, reports } of answer.nodes) {
    print(printable(`${node}: ${from === null ? 'counts only: no stream is set to send reports' : `reports leave from ${from}`}`));
    const shown = policies.filter((counts) => !options.failing || counts.failed > 0);
    for (const { day, domain, policyType, succeeded, failed, failures } of shown) {
      printRow(`  ${day}`, domain, policyType, `${succeeded} good`, `${failed} failed`);
      for (const { result, mxHost, receivingIp, count, reason } of failures)
        printRow(`    ${count}`, result, `${mxHost ?? '-'} ${receivingIp ?? ''}`, reason ?? '');
    }
    if (policies.length < total) print(`  ${total - policies.length} more policies are not shown`);
    if (beyond > 0) print(`  ${beyond} sessions were not counted: too many domains in a day`);
    for (const { day, domain, state, at, to, detail } of reports)
      print(printable(`  report of ${day} to ${domain}: ${state} ${new Date(at).toISOString()} ${to.join(' ')} ${detail ?? ''}`.trimEnd()));
  }
  if (answer.silent.length > 0) print(printable(`did not answer: ${answer.silent.join(', ')}`));
}

const asJson = ['--json', 'print JSON'] as const;

export function addTlsReportCommand(sluice: Command): void {
  sluice
    .command('tlsrpt')
    .description('TLS with recipient domains as counted, and the reports that were sent (RFC 8460)')
    .option('--failing', 'only domains with failures')
    .option(...asJson)
    .action(tlsReports);
}
