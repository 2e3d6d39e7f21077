// Reaching our own console over HTTPS: exactly its certificate is trusted, under whatever name.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilHealthy } from './health.ts';
import { localFetch } from './local-fetch.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-health-'));
let server: Server;
let url = '';

function certificate(name: string): { cert: string; key: string } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

const own = certificate('mail.example.com');
beforeAll(async () => {
  server = createServer(own, (request, response) => response.writeHead(request.url === '/healthz' ? 200 : 404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const healthy = (path: string, cert: string | null) =>
  waitUntilHealthy(`${url}${path}`, localFetch(cert), 400, new AbortController().signal);

test('the console is reached with its own certificate', async () => {
  expect(await healthy('/healthz', own.cert)).toBe(true);
  expect(await healthy('/other', own.cert)).toBe(false);
});

test('another certificate is refused', async () => {
  expect(await healthy('/healthz', certificate('other.example.com').cert)).toBe(false);
  expect(await healthy('/healthz', null)).toBe(false);
});
