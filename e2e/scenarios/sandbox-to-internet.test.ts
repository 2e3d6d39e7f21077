// Mail that was queued in the sandbox stays in the sandbox: an engine that starts in internet mode over the same data folder sends not
// one packet for it, while mail handed in to that engine does go out. Back in the sandbox the old mail is all there.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@sluice/bench/installation';
import { verifyShard } from '@sluice/engine/offline';
import { gatewayAddress, namespaceAddress, namespaceProblem, startInNamespace, type NamespacedEngine } from './testing/namespace.ts';
import type { Receiver } from './testing/receiver.ts';
import { configuration, key, sender, startWorld, writeConfiguration, type World } from './testing/world.ts';

const problem = namespaceProblem();
const recipients = ['one@queued.example', 'two@queued.example', 'three@public.example'];
const retrySeconds = [1];
/** Long enough for the retry of every entry and for a look-up of its domain. */
const watchedMs = 6_000;
const smtpPort = 2525;

const submit = `
  const net = require('node:net');
  const lines = ['EHLO x.example', 'MAIL FROM:<${sender}>', 'RCPT TO:<jo@real.example>', 'DATA', 'From: <${sender}>\\r\\n\\r\\nhi\\r\\n.', 'QUIT'];
  const socket = net.connect(${smtpPort}, '127.0.0.1');
  socket.setEncoding('latin1');
  socket.on('data', (text) => { process.stdout.write(text); if (/^\\d{3} /m.test(text) && lines.length > 0) socket.write(lines.shift() + '\\r\\n'); });
`;

describe.skipIf(problem !== null)(
  `an engine in internet mode over the folder of a sandbox${problem === null ? '' : ` (skipped: ${problem})`}`,
  () => {
    let world: World;
    let host: Receiver;
    let engine: NamespacedEngine | null = null;
    const liveInSandbox = () => verifyShard(join(world.dataDir, 'sandbox', 'spool'), 0).liveEntries;

    beforeAll(async () => {
      world = await startWorld({ stream: { retrySeconds } });
      host = await world.host('mx.queued.example', { RCPT: '450 4.2.0 later\r\n' });
      world.mx('queued.example', 'mx.queued.example');
      world.mx('public.example', 'mx.public.example');
      world.dns.override('mx.public.example', 'A', { kind: 'records', records: [{ type: 'A', data: '203.0.113.7' }] });
      for (const recipient of recipients) await world.send(recipient);
      await until(() => world.events('two@queued.example').at(-1)?.type === 'deferred', 10_000);
      await world.stop();
      const source = { publicAddress: namespaceAddress, bindAddress: namespaceAddress };
      writeConfiguration(world.dataDir, 'internet', configuration({ sources: [source], stream: { retrySeconds } }), []);
      engine = await startInNamespace({
        ...process.env,
        SLUICE_DATA_DIR: world.dataDir,
        SLUICE_SMTP_PORT: String(smtpPort),
        SLUICE_KEY: key,
        SLUICE_DNS_SERVER: `${gatewayAddress}:53`,
        SLUICE_EGRESS: 'internet',
      });
    }, 120_000);
    afterAll(async () => {
      await engine?.stop();
      await world?.close();
    });

    it('sends 0 packets for mail that was queued in the sandbox', async () => {
      expect(liveInSandbox()).toBe(recipients.length);
      await new Promise((resolve) => setTimeout(resolve, watchedMs));
      expect(engine?.packetsSent()).toBe(0);
      expect(liveInSandbox()).toBe(recipients.length);
    });

    it('sends packets for mail that is handed in to it, so that 0 means something', async () => {
      expect(engine?.run(process.execPath, ['-e', submit])).toMatch(/^250 2\.0\.0 Ok: queued/m);
      await expect.poll(() => engine?.packetsSent(), { timeout: 20_000 }).toBeGreaterThan(0);
    });

    it('leaves the mail where the sandbox finds it again', async () => {
      await engine?.stop();
      engine = null;
      delete host.answers.RCPT;
      await world.start();
      for (const recipient of recipients.slice(0, 2)) {
        await expect.poll(() => world.events(recipient).at(-1)?.type, { timeout: 30_000 }).toBe('delivered');
      }
      expect(host.messages).toHaveLength(2);
      const refused = world.events(null).filter((event) => event.remoteAddress === '203.0.113.7');
      expect(refused.every((event) => event.detail?.includes('EGRESS_REFUSED'))).toBe(true);
    });
  },
);
