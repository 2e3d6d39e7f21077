// simulate-day [MESSAGES]: a day of a million messages through `sluice simulate`, in under two minutes, every recipient accounted for.
//
// The day is invented: three tenants, eight sources, seven providers that react and 2,000 domains of their own, more mail by day than by
// night and a campaign in the morning. What is measured is the command as an operator runs it, reading the list included.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const messages = Number(process.argv[2] ?? 1_000_000);
/** For a million; fewer get their share. */
const barSeconds = 120;
const dayMs = 86_400_000;
const startMs = Date.parse('2026-11-02T00:00:00Z');
const sources = 8;
const ownDomains = 2_000;

const id = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
/** Key, MX suffix, domain, share of the mail, messages a second of one source. */
const providers = [
  ['gmail', 'google.com', 'gmail.com', 38, 20],
  ['outlook', 'outlook.com', 'outlook.com', 16, 12],
  ['yahoo', 'yahoodns.net', 'yahoo.com', 14, 12],
  ['apple', 'icloud.com', 'icloud.com', 8, 8],
  ['comcast', 'comcast.net', 'comcast.net', 4, 8],
  ['orange', 'orange.fr', 'orange.fr', 4, 4],
  ['gmx', 'gmx.net', 'gmx.net', 4, 6],
] as const;

function configuration(): object[] {
  const limit = (number: number, body: object): object => ({ kind: 'limit', id: id(800 + number), body });
  return [
    ...Array.from({ length: sources }, (_, n) => {
      const address = `127.0.1.${n + 1}`;
      const body = {
        name: `out-${n + 1}`,
        publicAddress: address,
        bindAddress: address,
        family: 4,
        ehloName: `out${n + 1}.sender.example`,
      };
      return { kind: 'source', id: id(100 + n), body };
    }),
    {
      kind: 'pool',
      id: id(200),
      body: { name: 'bulk', members: Array.from({ length: sources }, (_, n) => ({ sourceId: id(100 + n), weight: 1 })) },
    },
    ...[1, 2, 3].flatMap((n) => [
      { kind: 'tenant', id: id(n), body: { name: `Tenant ${n}`, slug: `tenant-${n}` } },
      { kind: 'stream', id: id(300 + n), body: { tenantId: id(n), name: 'bulk', poolIds: [id(200)] } },
      { kind: 'domain', id: id(400 + n), body: { tenantId: id(n), domain: `tenant${n}.example` } },
    ]),
    ...providers.map(([key, suffix], n) => ({ kind: 'provider', id: id(900 + n), body: { key, name: key, mxSuffixes: [suffix] } })),
    ...providers.flatMap(([key, , , , perSecond], n) => [
      limit(2 * n, {
        name: `${key} rate`,
        where: { provider: key },
        by: ['source'],
        kind: 'message_rate',
        count: perSecond,
        perSeconds: 1,
      }),
      limit(2 * n + 1, { name: `${key} connections`, where: { provider: key }, by: ['source'], kind: 'connections', count: 5 }),
    ]),
    limit(100, { name: 'tenants', where: {}, by: ['tenant'], kind: 'message_rate', count: 100, perSeconds: 1, burst: 100 }),
  ];
}

/** Twice as much at noon as at midnight, and a tenth of the day between nine and ten on top. */
function times(): Float64Array {
  const all = new Float64Array(messages);
  const morning = Math.floor(messages / 10);
  let state = 1;
  const fraction = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (let n = 0; n < messages; n++) {
    if (n < morning) {
      all[n] = startMs + 9 * 3_600_000 + fraction() * 3_600_000;
      continue;
    }
    let at = fraction();
    while (fraction() > (1.5 - 0.5 * Math.cos(2 * Math.PI * at)) / 2) at = fraction();
    all[n] = startMs + at * dayMs;
  }
  return all.sort();
}

async function writeDay(path: string): Promise<void> {
  const file = createWriteStream(path);
  const shares = providers.flatMap(([, , domain, share]) => Array.from({ length: share }, () => domain));
  file.write('at,recipient,tenant,campaign\n');
  let text = '';
  for (const [n, at] of times().entries()) {
    const pick = Math.imul(n, 2_654_435_761) >>> 0;
    const domain = shares[pick % 100] ?? `d${pick % ownDomains}.plain.test.example`;
    text += `${Math.floor(at)},r${n}@${domain},tenant-${1 + (n % 3)},${n % 4 === 0 ? 'autumn' : ''}\n`;
    if (text.length < 1 << 20) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await once(file, 'finish');
}

type Report = {
  arrivals: number;
  mostWaiting: number;
  providers: {
    provider: string;
    accepted: number;
    delivered: number;
    bounced: number;
    expired: number;
    left: number;
    attempts: number;
    deferrals: number;
    drainMs: number | null;
  }[];
};

const folder = mkdtempSync(join(tmpdir(), 'sluice-day-'));
try {
  const [config, list] = [join(folder, 'config.json'), join(folder, 'day.csv')];
  writeFileSync(config, JSON.stringify({ entities: configuration() }));
  await writeDay(list);
  const args = [join(root, 'apps/sluice/src/cli.ts'), 'simulate', '--config', config, '--arrivals', list, '--json'];
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SLUICE_DATA_DIR: folder },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let peakMb = 0;
  let cpuSeconds = 0;
  const watch = setInterval(() => {
    try {
      peakMb = Math.max(peakMb, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
      const ticks = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      cpuSeconds = (Number(ticks[11]) + Number(ticks[12])) / 100;
    } catch {
      // It has ended.
    }
  }, 250);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(watch);
  const seconds = (performance.now() - startedMs) / 1000;
  if (code !== 0) throw new Error(`sluice simulate ended with ${code}`);
  const [report] = JSON.parse(said) as [Report];
  for (const { provider, ...figures } of report.providers) console.log(provider, JSON.stringify(figures));
  const ended = report.providers.reduce((sum, { delivered, bounced, expired, left }) => sum + delivered + bounced + expired + left, 0);
  const attempts = report.providers.reduce((sum, one) => sum + one.attempts, 0);
  const bar = barSeconds * Math.max(0.2, messages / 1_000_000);
  const holds = seconds < bar && report.arrivals === messages && ended === messages;
  process.exitCode = holds ? 0 : 1;
  const figures = `${messages} messages, ${attempts} attempts in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor, ${cpus().length} of them), at most ${peakMb.toFixed(0)} MB and ${report.mostWaiting} waiting`;
  console.log(`simulate-day ${holds ? 'holds' : 'FAILS'}: ${figures}; bar ${bar} s, ${ended} accounted for`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
