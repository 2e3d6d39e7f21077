// The sandbox as a process of its own: mailbox providers on loopback, to which `SLUICE_EGRESS=sandbox` delivers. It outlives the engine,
// so that a transaction under way gets its reply.
import { startSimulator } from '@sluice/isp-simulator';
import { commandArguments } from './env.ts';
import { followSupervisor, reportToSupervisor } from './supervisor/line.ts';
import { parsePartLine, waitForEnd } from './supervisor/orphans.ts';
import type { ProcessId } from './supervisor/process-table.ts';

const orphanLimitMs = 11_000;

const [directory = ''] = commandArguments;
const dependents: ProcessId[] = [];
const simulator = await startSimulator({ seed: 'sandbox', directory });

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
