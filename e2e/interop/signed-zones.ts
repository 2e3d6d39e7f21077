// A validating resolver of its own: Debian's unbound over a zone that ldns signed, with the zone's key as its only trust anchor. Names under
// `stub` come unsigned from another DNS server, so that a test can change them while everything runs.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type SignedZone = {
  /** Zone name without the final dot. */
  zone: string;
  /** Records, one a line, relative to the zone. */
  records: readonly string[];
  /** Changed in the signed zone after signing: text to find and what to put in its place. */
  tampered?: readonly [string, string][];
};
export type ValidatingResolver = { stop(): Promise<void> };

function run(command: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command}: ${done.stderr}${done.stdout}`);
  return done.stdout.trim();
}

/** Signs the zone; returns the file of the signed zone and the trust anchor. */
function sign({ zone, records, tampered }: SignedZone, directory: string): { file: string; anchor: string } {
  const head = [`$ORIGIN ${zone}.`, '$TTL 60', `@ SOA ns hostmaster 1 3600 600 86400 60`, '@ NS ns', 'ns A 127.0.0.1'];
  writeFileSync(join(directory, zone), `${[...head, ...records].join('\n')}\n`);
  const key = run('ldns-keygen', ['-a', 'ECDSAP256SHA256', '-k', zone], directory);
  run('ldns-signzone', [zone, key], directory);
  const file = join(directory, `${zone}.signed`);
  let signed = readFileSync(file, 'utf8');
  for (const [from, to] of tampered ?? []) {
    if (!signed.includes(from)) throw new Error(`the signed zone does not hold ${from}`);
    signed = signed.replaceAll(from, to);
  }
  writeFileSync(file, signed);
  return { file, anchor: readFileSync(join(directory, `${key}.ds`), 'utf8').trim() };
}

/** Starts unbound on `port` of 127.0.0.1; resolves once it answers. */
export async function startValidatingResolver(options: {
  directory: string;
  port: number;
  zone: SignedZone;
  stub: { zone: string; server: string };
}): Promise<ValidatingResolver> {
  const { directory, port, zone, stub } = options;
  const { file, anchor } = sign(zone, directory);
  const [stubHost, stubPort] = stub.server.split(':');
  const config = join(directory, 'unbound.conf');
  writeFileSync(
    config,
    `server:
  interface: 127.0.0.1
  port: ${port}
  access-control: 127.0.0.0/8 allow
  directory: "${directory}"
  chroot: ""
  username: ""
  pidfile: ""
  logfile: ""
  use-syslog: no
  do-daemonize: no
  do-ip6: no
  do-not-query-localhost: no
  qname-minimisation: no
  cache-max-ttl: 1
  cache-max-negative-ttl: 1
  num-threads: 1
  module-config: "validator iterator"
  trust-anchor: "${anchor.replaceAll('\t', ' ').replace(/;.*$/, '').trim()}"
remote-control:
  control-enable: no
auth-zone:
  name: "${zone.zone}."
  zonefile: "${file}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
stub-zone:
  name: "${stub.zone}."
  stub-addr: ${stubHost}@${stubPort}
`,
  );
  const child = spawn('unbound', ['-d', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const started = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-5_000);
      if (said.includes('start of service')) resolve();
    });
    child.once('exit', () => reject(new Error(`unbound ended: ${said}`)));
    child.once('error', reject);
  });
  await started;
  return {
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
