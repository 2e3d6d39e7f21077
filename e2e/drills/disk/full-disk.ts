// The spool on a disk that fills up under load. In order: mail is refused with 452 at the soft limit; the disk fills to its last block by
// something else, and delivery goes on out of the reserve; the reserve is used up, and nothing more is offered to any host; the engine is
// killed and started again on the full disk; space returns, mail is accepted again and everything that was answered 250 arrives.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstallation, until } from '@sluice/bench/installation';
import { startSimulator, type Simulator } from '@sluice/isp-simulator';
import { makeTenant } from '../../delivery/tenant.ts';
import { inject, type Ledger } from '../crash/injector.ts';
import { arrivals } from '../crash/arrivals.ts';
import { queueTotal, startLoneEngine } from '../crash/lone-engine.ts';
import { mountSmallDisk } from './small-disk.ts';

export type FullDiskOptions = { fs: 'tmpfs' | 'ext4'; diskMib: number; freeMib: number; reserveMib: number; bytes: number };

export type FullDiskFigures = {
  accepted: number;
  /** Submissions answered 452. */
  refused: number;
  /** Delivered between the last free block and the stop. */
  deliveredWhileFull: number;
  heldAtStop: number;
  /** Entries whose attempt was not over for the journal when the engine was killed: all that can have been sent twice. */
  inFlightAtKill: number;
  /** Messages that reached a receiver after delivery had stopped, before space returned. */
  offeredWhileStopped: number;
  acceptsAgainMs: number;
  acceptedAfterwards: number;
  lost: number;
  duplicates: number;
};

const sessions = 10;
const fillLimitMs = 300_000;
const stopLimitMs = 300_000;
const quietMs = 4_000;
const drainLimitMs = 300_000;
const afterwards = 200;
const diskFull = 452;

export async function runFullDisk(options: FullDiskOptions): Promise<FullDiskFigures> {
  const at = await startInstallation();
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-disk-'));
  let sandbox: Simulator | null = null;
  try {
    const tenant = await makeTenant(at, { slug: 'full', sourceAddresses: ['127.0.23.1', '127.0.23.2'], retrySeconds: [5] });
    for (const { id } of await at.client.limits.list.query()) {
      await at.client.limits.update.mutate({ id, count: 40, perSeconds: 1, burst: 0, enabled: false, reason: 'disk drill' });
    }
    await until(async () => (await at.client.nodes.list.query()).every((node) => node.revision === node.headRevision), 20_000);
    await at.stop();
    const disk = mountSmallDisk(join(at.dataDir, 'sandbox', 'spool'), options.fs, options.diskMib, scratch);
    sandbox = await startSimulator({ seed: 'disk', directory: join(scratch, 'receivers') });
    const receivers = sandbox;
    const env = { SLUICE_SPOOL_FREE_MIB: String(options.freeMib), SLUICE_SPOOL_RESERVE_MIB: String(options.reserveMib) };
    const start = () => startLoneEngine(at, receivers, { env, ready: false });
    const ledger: Ledger = new Set();
    let sent = 0;
    const nextRecipient = () => `reader.${(sent += 1)}@shop-${sent % 20}.example`;

    receivers.setProfile('plain', { messageDelayMs: [4_000, 4_000] });
    let engine = await start();
    let refused = 0;
    const onUnanswered = (code: number | null) => void (code === diskFull && (refused += 1));
    const filling = { sessions, nextRecipient, stopped: () => refused >= sessions, bytes: options.bytes, onUnanswered };
    await Promise.race([inject(at, tenant, ledger, filling), until(() => refused >= sessions, fillLimitMs)]);
    say(`${ledger.size} accepted, then 452 with ${disk.freeBytes()} bytes free`);

    disk.fill();
    let frame = await engine.frame();
    const before = frame.counters.delivered;
    receivers.setProfile('plain', { messageDelayMs: [0, 1] });
    await until(async () => {
      disk.fill();
      const last = frame.counters.delivered;
      await pause(quietMs / 2);
      frame = await engine.frame();
      return frame.counters.delivered === last && last > before;
    }, stopLimitMs);
    const atStop = frame;
    say(`delivery stopped after ${atStop.counters.delivered - before} more, ${queueTotal(atStop)} held`);

    const received = async () => (await arrivals(receivers, ledger)).messages;
    const receivedAtStop = await received();
    await pause(quietMs);
    const offeredWhileStopped = (await received()) - receivedAtStop;
    const inFlightAtKill = (await engine.frame()).queue.inFlight;
    await engine.kill();
    engine = await start();
    say('killed and started again on the full disk');
    await pause(quietMs);

    disk.empty();
    const freedAt = performance.now();
    await until(async () => (await engine.frame()).accepting, 30_000);
    const acceptsAgainMs = Math.round(performance.now() - freedAt);
    say('mail is accepted again');
    const acceptedBefore = ledger.size;
    const last = sent + afterwards;
    await inject(at, tenant, ledger, { ...filling, stopped: () => false, nextRecipient: () => (sent < last ? nextRecipient() : null) });
    await until(async () => queueTotal(await engine.frame()) === 0, drainLimitMs);
    say('the queue is empty');
    await engine.stop();
    const { lost, duplicates } = await arrivals(receivers, ledger);
    return {
      accepted: ledger.size,
      refused,
      deliveredWhileFull: atStop.counters.delivered - before,
      heldAtStop: queueTotal(atStop),
      inFlightAtKill,
      offeredWhileStopped,
      acceptsAgainMs,
      acceptedAfterwards: ledger.size - acceptedBefore,
      lost,
      duplicates,
    };
  } finally {
    await sandbox?.stop();
    await at.dispose().catch(() => undefined);
    rmSync(scratch, { recursive: true, force: true });
  }
}

const say = (what: string) => process.stderr.write(`${(performance.now() / 1000).toFixed(1)} s: ${what}\n`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
