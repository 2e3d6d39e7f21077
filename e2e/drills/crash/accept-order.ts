// Part (c): what the kernel saw. A thousand accepts under strace: before each `250` goes out, a write that holds the message's id was
// followed by a completed fdatasync of the same file.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstallation, until } from '@sluice/bench/installation';
import { startSimulator } from '@sluice/isp-simulator';
import { makeTenant } from '../../delivery/tenant.ts';
import { inject, type Ledger } from './injector.ts';
import { startLoneEngine } from './lone-engine.ts';

export type OrderFigures = { accepts: number; syncs: number; outOfOrder: number };

/** Null when strace is not on the machine. */
export async function runAcceptOrder(accepts: number): Promise<OrderFigures | null> {
  if (!existsSync('/usr/bin/strace')) return null;
  const at = await startInstallation();
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-strace-'));
  const sandbox = await startSimulator({ seed: 'strace', directory: scratch });
  try {
    const tenant = await makeTenant(at, { slug: 'strace', sourceAddresses: ['127.0.22.1'] });
    await until(async () => (await at.client.nodes.list.query()).every((node) => node.revision === node.headRevision), 20_000);
    await at.stop();
    const trace = join(scratch, 'trace');
    const calls = 'trace=write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,sendto,sendmsg';
    const engine = await startLoneEngine(at, sandbox, {
      wrapper: ['/usr/bin/strace', '-f', '-qq', '-y', '-xx', '-s', '262144', '-e', calls, '-o', trace],
    });
    const ledger: Ledger = new Set();
    let left = accepts;
    const nextRecipient = () => (left-- > 0 ? `slow.${left}@shop.example` : null);
    await inject(at, tenant, ledger, { sessions: 10, nextRecipient, stopped: () => false, bytes: 1_000 });
    await engine.stop();
    return checkOrder(readFileSync(trace, 'latin1'), at.dataDir);
  } finally {
    await sandbox.stop();
    await at.dispose();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const unhex = (text: string) => text.replace(/\\x([0-9a-f]{2})/g, (_, octet: string) => String.fromCharCode(Number.parseInt(octet, 16)));

/** Reads a trace: lines are `PID call(FD<path>, ...) = result`, or split into unfinished and resumed halves. Exported for its test. */
export function checkOrder(trace: string, dataDir: string): OrderFigures {
  const pending = new Map<string, Set<string>>(); // file -> ids written and not yet synced
  const syncing = new Map<string, { file: string; ids: Set<string> }>(); // pid -> an fdatasync that has begun
  const durable = new Set<string>();
  const figures: OrderFigures = { accepts: 0, syncs: 0, outOfOrder: 0 };
  const synced = (file: string, ids: Set<string>) => {
    figures.syncs += 1;
    for (const id of ids) durable.add(id);
    const open = pending.get(file);
    for (const id of ids) open?.delete(id);
  };
  for (const line of trace.split('\n')) {
    const resumed = /^(\d+) +<\.\.\. (?:fdatasync|fsync) resumed>.*= 0/.exec(line);
    if (resumed) {
      const begun = syncing.get(resumed[1] ?? '');
      if (begun) synced(begun.file, begun.ids);
      syncing.delete(resumed[1] ?? '');
      continue;
    }
    const call = /^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$/.exec(line);
    if (!call) continue;
    const [, pid = '', name = '', rawFile = '', rest = ''] = call;
    const file = unhex(rawFile);
    if (name === 'fdatasync' || name === 'fsync') {
      const ids = new Set(pending.get(file));
      if (rest.includes('unfinished')) syncing.set(pid, { file, ids });
      else if (/= 0/.test(rest)) synced(file, ids);
      continue;
    }
    const text = unhex(rest);
    if (file.startsWith(dataDir)) {
      const ids = pending.get(file) ?? new Set<string>();
      for (const [id] of text.matchAll(uuid)) ids.add(id);
      pending.set(file, ids);
    } else {
      for (const [, id = ''] of text.matchAll(/250 2\.0\.0 Ok: queued as ([0-9a-f-]{36})/g)) {
        figures.accepts += 1;
        if (!durable.has(id)) figures.outOfOrder += 1;
      }
    }
  }
  return figures;
}
