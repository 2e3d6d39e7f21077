// The look at the ports before anything long begins.
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkPort } from './ports.ts';

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

async function takenPort(): Promise<number> {
  server = createServer();
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a taken port is named with the setting that changes it', async () => {
  const port = await takenPort();
  const result = await checkPort({ setting: 'SLUICE_SMTP_PORT', host: '127.0.0.1', port });
  expect(result).toEqual({
    ok: false,
    problem: expect.stringMatching(new RegExp(`^port ${port} on 127.0.0.1 is taken: .*SLUICE_SMTP_PORT`)),
  });
});

test('a free port is free again after the look, and 0 becomes a real one', async () => {
  const first = await checkPort({ setting: 'SLUICE_SMTP_PORT', host: '127.0.0.1', port: 0 });
  expect(first.ok && first.port > 0).toBe(true);
  if (first.ok) expect(await checkPort({ setting: 'SLUICE_SMTP_PORT', host: '127.0.0.1', port: first.port })).toEqual(first);
});

test('an address of another machine is the fault of SLUICE_BIND', async () => {
  const result = await checkPort({ setting: 'SLUICE_SMTP_PORT', host: '192.0.2.1', port: 0 });
  expect(result).toEqual({ ok: false, problem: '192.0.2.1 is not an address of this machine: change SLUICE_BIND' });
});
