// Ports are looked at before anything long begins, by listening on each for a moment. A taken one is a line that names the setting.
import { createServer } from 'node:net';

export type PortWanted = { setting: string; host: string; port: number };
export type PortResult = { ok: true; port: number } | { ok: false; problem: string };

function problemOf(wanted: PortWanted, code: string | undefined): string {
  const where = `port ${wanted.port} on ${wanted.host}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is taken: stop what listens there, or set ${wanted.setting} to another port`;
    case 'EADDRNOTAVAIL':
      return `${wanted.host} is not an address of this machine: change SLUICE_BIND`;
    case 'EACCES':
      return `${where} needs more rights than this user has: set ${wanted.setting} to a port above 1023`;
    default:
      return `${where} cannot be used (${code ?? 'unknown error'}): change ${wanted.setting}`;
  }
}

/** Answers with the port that is free: the wanted one, or for 0 one that the system chose. */
export function checkPort(wanted: PortWanted): Promise<PortResult> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ ok: false, problem: problemOf(wanted, error.code) }));
    server.listen({ host: wanted.host, port: wanted.port, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted.port;
      server.close(() => resolve({ ok: true, port }));
    });
  });
}
