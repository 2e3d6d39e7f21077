// Part (b): kill -9 under load, over and over. Before each kill the engine holds at least 500 accepted and undelivered entries and has
// deferred at least 100, and mail is still coming in. In the end everything in the injector's ledger must be in the receivers' log.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInstallation, until } from '@sluice/bench/installation';
import { startSimulator, type Simulator } from '@sluice/isp-simulator';
import { makeTenant } from '../../delivery/tenant.ts';
import { arrivals } from './arrivals.ts';
import { inject, type Ledger } from './injector.ts';
import { queueTotal, startLoneEngine } from './lone-engine.ts';

const held = 500;
const deferred = 100;
const retrySeconds = [8];
const roundLimitMs = 60_000;
const drainLimitMs = 120_000;
/** Entries that may be left from one round when the next begins. */
const leftOver = 100;

const noLimits = { connections: null, messageRate: null, messagesPerConnection: null };

export type KillFigures = {
  kills: number;
  accepted: number;
  lost: number;
  duplicates: number;
  heldAtKill: number[];
  deferredAtKill: number[];
};

export async function runKills(kills: number): Promise<KillFigures> {
  const at = await startInstallation();
  const oracle = mkdtempSync(join(tmpdir(), 'sluice-oracle-'));
  let sandbox: Simulator | null = null;
  try {
    const tenant = await makeTenant(at, { slug: 'crash', sourceAddresses: ['127.0.21.1', '127.0.21.2'], retrySeconds });
    // The slow receivers are what holds mail back here; the limits of a first start would only make the drain long.
    for (const { id } of await at.client.limits.list.query()) {
      await at.client.limits.update.mutate({ id, count: 40, perSeconds: 1, burst: 0, enabled: false, reason: 'crash drill' });
    }
    await until(async () => (await at.client.nodes.list.query()).every((node) => node.revision === node.headRevision), 20_000);
    await at.stop();
    sandbox = await startSimulator({
      seed: 'crash',
      directory: oracle,
      profiles: { plain: { limits: noLimits }, gmail: { limits: noLimits, reaction: null, messageDelayMs: [0, 1] } },
    });
    const ledger: Ledger = new Set();
    const figures: KillFigures = { kills: 0, accepted: 0, lost: 0, duplicates: 0, heldAtKill: [], deferredAtKill: [] };
    for (let round = 1; round <= kills; round += 1) {
      sandbox.setProfile('plain', { messageDelayMs: [4_000, 4_000] });
      const engine = await startLoneEngine(at, sandbox);
      let killed = false;
      let sent = 0;
      const nextRecipient = () => {
        sent += 1;
        // Deferred mail goes to a quick host of its own, so that it is tried while the rest waits behind the slow ones.
        return sent % 4 === 0 ? `greylist.${round}.${sent}@gmail.com` : `reader.${round}.${sent}@shop-${sent % 20}.example`;
      };
      const load = inject(at, tenant, ledger, { sessions: 10, nextRecipient, stopped: () => killed, bytes: 2_000, pauseMs: 25 });
      let frame = await engine.frame();
      await until(async () => {
        frame = await engine.frame();
        return queueTotal(frame) >= held + deferred && frame.counters.deferred >= deferred;
      }, roundLimitMs);
      killed = true;
      await engine.kill();
      await load;
      figures.kills += 1;
      figures.heldAtKill.push(queueTotal(frame));
      figures.deferredAtKill.push(frame.counters.deferred);
      sandbox.setProfile('plain', { messageDelayMs: [0, 1] });
      const drainer = await startLoneEngine(at, sandbox);
      const goal = round === kills ? 0 : leftOver;
      await until(async () => queueTotal(await drainer.frame()) <= goal, drainLimitMs);
      await drainer.stop();
      process.stderr.write(
        `kill ${round}/${kills}: ${queueTotal(frame)} held, ${frame.counters.deferred} deferred, ${ledger.size} accepted so far\n`,
      );
    }
    const { lost, duplicates } = await arrivals(sandbox, ledger);
    Object.assign(figures, { accepted: ledger.size, lost, duplicates });
    return figures;
  } finally {
    await sandbox?.stop();
    await at.dispose();
    rmSync(oracle, { recursive: true, force: true });
  }
}
