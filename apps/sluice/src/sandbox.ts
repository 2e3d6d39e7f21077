// The sandbox as a process of its own: mailbox providers on loopback, to which `SLUICE_EGRESS=sandbox` delivers. It outlives the engine,
// so that a transaction under way gets its reply.
import { demoEhloName, demoSources } from '@sluice/control/demo/brands';
import { startSimulator } from '@sluice/isp-simulator';
import { commandArguments } from './env.ts';
import { followSupervisor, reportToSupervisor } from './supervisor/line.ts';
import { parsePartLine, waitForEnd } from './supervisor/orphans.ts';
import type { ProcessId } from './supervisor/process-table.ts';

const orphanLimitMs = 11_000;

const [directory = ''] = commandArguments;
const dependents: ProcessId[] = [];
const simulator = await startSimulator({ seed: 'sandbox', directory });
// What the demonstration sends from has names, there and back, as a source should.
for (const { name, address } of demoSources) {
  const ehloName = demoEhloName(name);
  simulator.dns.override(ehloName, 'A', { kind: 'records', records: [{ type: 'A', data: address }] });
  const reverse = `${address.split('.').toReversed().join('.')}.in-addr.arpa`; // RFC 1035 section 3.5
  simulator.dns.override(reverse, 'PTR', { kind: 'records', records: [{ type: 'PTR', data: ehloName }] });
}

followSupervisor({
  onLine: (line) => {
    const part = parsePartLine(line);
    if (part !== null) dependents.push(part);
  },
  onEnd: (asked) => {
    void (asked ? Promise.resolve() : waitForEnd(dependents, orphanLimitMs)).then(() => simulator.stop()).then(() => process.exit(0));
  },
});
reportToSupervisor({ dns: simulator.dnsAddress, smtpPort: simulator.smtpPort, receivedLog: simulator.logPath });
