// The engine process: settings to ports, ports to createEngine(), the SMTP and health listeners in front of it, events behind it. It
// starts and delivers without Postgres, from its own copy of the configuration; with Postgres it follows feeds and ships events.
import { mkdirSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import {
  anchorLog,
  createAttempter,
  createConfiguration,
  createEngine,
  createSigner,
  createSigningThreads,
  defaultSpoolLimits,
  logStart,
  MtaSts,
  openSpool,
  localLimitStore,
  recordFile,
  submissionDefaults,
  ThreadedListener,
  type EngineLog,
  type SpoolLimits,
} from '@sluice/engine';
import type { Settings } from '@sluice/contract/settings';
import {
  createDialer,
  createHookPost,
  createPolicyFetch,
  createResolver,
  createSourceProber,
  systemClock as clock,
  systemRandom as random,
  watchHeapGrowth,
  takePlace,
} from '@sluice/engine/host';
import { nodeKeyPair } from '@sluice/plane';
import { openEnginePlane } from '@sluice/plane/engine';
import { untilEnd } from './ending.ts';
import { settingsOrExit } from './env.ts';
import { createHealthServer } from './health-server.ts';
import { keyRing } from './key-ring.ts';
import { once, sealedOpener } from './key-store.ts';
import { createLog } from './log.ts';
import { watchLoopDelay } from './loop-delay.ts';
import { ownCertificate } from './own-certificate.ts';
import { ownListeners } from './own-listeners.ts';
import { signingKeys } from './signing-keys.ts';
import { startShipper, type Position } from './shipper.ts';

const worker = 0;
const nodeSettings = settingsOrExit();
const log = createLog(nodeSettings.nodeName);
const engineLog: EngineLog = { info: (message, facts) => log.info(facts, message), warn: (message, facts) => log.warn(facts, message) };
const planeLog = (level: 'info' | 'warn' | 'error', message: string) => log[level](message);

// Sandbox and internet never mix: each mode has its own spool, log, configuration copy and node name. HOUSE decision 11.
const { egress } = nodeSettings;
const node = egress === 'sandbox' ? nodeSettings.nodeName : `${nodeSettings.nodeName}.internet`;
const dataDir = resolve(nodeSettings.dataDir);
const modeDir = join(dataDir, egress);
mkdirSync(modeDir, { recursive: true, mode: 0o700 });

const plane =
  nodeSettings.engineDatabaseUrl === null ? null : openEnginePlane({ databaseUrl: nodeSettings.engineDatabaseUrl, node, log: planeLog });
if (!plane) log.warn('no database is set: running from the copy of the configuration on disk, events stay in the log');
const configuration = createConfiguration({
  clock,
  node,
  configFeed: plane?.config ?? null,
  secretFeed: plane?.secrets ?? null,
  configFile: recordFile(join(modeDir, 'config', 'entities.jsonl')),
  secretFile: recordFile(join(modeDir, 'config', 'secrets.jsonl')),
  log: engineLog,
});
const spool = await openSpool({
  directory: join(modeDir, 'spool'),
  node,
  worker,
  egress,
  clock,
  random,
  thread: true,
  limits: spoolLimits(nodeSettings),
  log: (level, message, facts) => log[level](facts, message),
});
const trouble = once((secretId, code) => log.error({ secretId, code }, 'a secret cannot be opened'));
const nodePair = nodeKeyPair(join(modeDir, 'keys', 'node-key'));
const ring = keyRing(
  { pair: nodePair, file: recordFile(join(modeDir, 'config', 'fleet-shares.jsonl')), kek: nodeSettings.key },
  (level, message, facts) => log[level](facts, message),
  () => secretsChanged(),
);
await ring.load();
const openSealed = sealedOpener(ring, trouble.tell);
const keys = signingKeys(configuration, openSealed, (keyId, message) => log.error({ keyId }, message));
const signingThreads = createSigningThreads({
  threads: availableParallelism(),
  clock,
  onProblem: (reason) => log.error({ reason }, 'a signing thread ended; another takes its place'),
});
watchHeapGrowth(clock);
const loopDelay = watchLoopDelay();
/** The same since mail is accepted, for percentiles. */
const loopDelayOfLife = watchLoopDelay();

let shipped: Position = logStart;
const unshippedBytes = () => {
  const durable = spool.durable();
  return Math.max(0, (durable.segment - shipped.segment) * defaultSpoolLimits.journalSegmentBytes + durable.offset - shipped.offset);
};
const ownListening = ownListeners(nodeSettings.bind, () => nodeSettings.smtpPort, clock);
const keyStore = { open: (secretId: string) => openSealed(configuration.sealedSecret(secretId)) };
const dialer = createDialer({ egress, sandboxSmtpPort: nodeSettings.sandboxSmtpPort, ownListeners: ownListening, clock });
const resolver = createResolver({ servers: dnsServers(nodeSettings.dnsServer), trusted: nodeSettings.dnsTrusted }, clock);
const attempter = createAttempter({ dialer, clock, keyStore });
configuration.onSecrets(() => secretsChanged());
const policyPort = egress === 'sandbox' ? (nodeSettings.policyPort ?? undefined) : undefined;
const mtaSts = new MtaSts({
  ...{ resolver, clock, log: engineLog },
  fetch: createPolicyFetch({ resolver, dialer, clock, port: policyPort }),
  file: recordFile(join(modeDir, 'config', 'mta-sts.jsonl')),
});
await mtaSts.load();
const engine = createEngine(
  {
    clock,
    random,
    log: engineLog,
    configuration,
    commandSource: plane?.commands ?? null,
    questionSource: plane?.questions ?? null,
    traceFeed: plane?.traces ?? null,
    commandFile: recordFile(join(modeDir, 'config', 'commands.jsonl')),
    tlsReportFile: recordFile(join(modeDir, 'config', 'tls-reports.jsonl')),
    sourceHealthFile: recordFile(join(modeDir, 'config', 'source-health.jsonl')),
    prober: createSourceProber({ dialer, clock, keyStore }),
    limitStore: localLimitStore(recordFile(join(modeDir, 'config', 'limits.jsonl')), { clock, log: engineLog }),
    spool,
    ...{ resolver, mtaSts, attempter },
    hook: createHookPost({ dialer, resolver, clock }),
    signer: createSigner({ keyFor: keys.keyFor, clock, maker: signingThreads }),
    frameSink: plane?.frames ?? null,
    warmUpFile: recordFile(join(modeDir, 'config', 'warm-ups.jsonl')),
    automationFile: recordFile(join(modeDir, 'config', 'automation.jsonl')),
    decisionFile: recordFile(join(modeDir, 'config', 'decisions.jsonl')),
    decisionSink: plane?.decisions ?? null,
    heedIntake: () => listener.heed(),
    gauges: () => {
      const { setAside, damaged } = spool.stats();
      const eventLoopDelayMs = loopDelay.percentileMs(100);
      loopDelay.reset();
      return {
        inboundConnections: listener.connections,
        unshippedBytes: unshippedBytes(),
        eventLoopDelayMs,
        residentBytes: process.memoryUsage.rss(),
        spoolDamage: { injections: setAside, stretches: damaged },
      };
    },
  },
  { node, egress, hostName: hostname(), overduePerSecond: nodeSettings.overduePerSecond },
);

const listener = new ThreadedListener(
  {
    clock,
    configuration,
    draft: () => spool.draft(),
    async accept(injection) {
      const { entries } = await spool.accept(injection);
      engine.enqueue(entries);
    },
    trouble: () => spool.trouble(),
    takesMail: () => engine.takesMail(),
    log: (event, facts) => log.info(facts, event),
    onProblem: (reason) => log.error({ reason }, 'the listener thread ended or could not open its port'),
  },
  {
    ...submissionDefaults,
    bind: nodeSettings.bind,
    port: nodeSettings.smtpPort,
    hostName: hostname(),
    egress,
    tls: nodeSettings.tls ?? (await ownCertificate(join(dataDir, 'smtp-tls'), hostname(), clock.nowMs())),
  },
);

const ended = untilEnd();
const shipper = nodeSettings.engineDatabaseUrl
  ? startShipper(
      { databaseUrl: nodeSettings.engineDatabaseUrl, directory: join(modeDir, 'spool'), node, worker, logId: spool.logId, start: logStart },
      {
        onShipped(position) {
          shipped = position;
          spool.releaseShipped(position);
        },
        log: planeLog,
      },
    )
  : null;
spool.onDurable((position) => shipper?.durable(position));

await engine.start();
const shares = plane?.followShares(nodePair, ring);
const anchors = plane?.followAudit(anchorLog(join(modeDir, 'audit-anchors')), clock.nowMs);
shipper?.durable(spool.durable());
const smtpPort = await listener.listen();
loopDelayOfLife.reset();
const health = createHealthServer({
  frame: () => engine.frame(),
  notReady: () => (engine.status().state === 'running' ? engine.status().trouble : `the engine is ${engine.status().state}`),
  damage: () => ({ entries: engine.status().setAside, injections: spool.stats().setAside, stretches: spool.stats().damaged }),
  loopDelay: loopDelayOfLife,
  about: () => ({ node, egress, dataDir, smtpPort, ...engine.status() }),
});
health.on('error', (error) => {
  log.fatal({ message: error.message }, 'the health port cannot be opened (SLUICE_ENGINE_HTTP_PORT)');
  process.exit(1);
});
health.listen(nodeSettings.engineHttpPort, nodeSettings.bind);
// All threads run by now.
const niceness = takePlace('engine');
log.info({ smtpPort, egress, niceness }, 'accepting mail');

const { why, graceMs } = await ended;
log.info({ why }, 'ending: no new mail, sent messages get their reply');
await Promise.all([listener.close(graceMs), engine.stop(graceMs)]);
await Promise.all([shipper?.stop(), anchors?.stop(), shares?.stop()]);
await mtaSts.flush();
await spool.close();
await plane?.close();
health.close();
log.info('ended');
process.exit(0);

/** What was remembered of secrets, or of their absence, holds no more. */
function secretsChanged(): void {
  trouble.forget();
  attempter.secretsChanged();
}

/** Accepting starts again a quarter above the free space at which it stopped. */
function spoolLimits({ spoolFreeMib, spoolReserveMib }: Settings): Partial<SpoolLimits> {
  const mebibyte = 1024 * 1024;
  return {
    softFreeBytes: spoolFreeMib * mebibyte,
    resumeFreeBytes: Math.ceil(spoolFreeMib * 1.25) * mebibyte,
    reserveBytes: spoolReserveMib * mebibyte,
  };
}

/** The one server that the settings name, as the resolver reads it; undefined means those of the machine. */
function dnsServers(server: { host: string; port: number } | null): string[] | undefined {
  if (!server) return undefined;
  return [server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`];
}
