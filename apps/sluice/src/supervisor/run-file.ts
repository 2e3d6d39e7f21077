// The run file: what runs now, for the command line and for tests. Written when everything is up, removed at an orderly end; after a
// kill it stays, hence readers check that its supervisor is alive.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessId } from './process-table.ts';
import { writePrivateFile } from './secrets.ts';

export type RunFile = {
  version: 1;
  startedAt: string;
  egress: 'sandbox' | 'internet';
  node: string;
  dataDir: string;
  /** Where to reach it from this machine. */
  addresses: { console: string; smtp: string; engineHttp: string };
  ports: { console: number; smtp: number; engineHttp: number; postgres: number | null };
  postgres: { port: number; dataDirectory: string } | null;
  sandbox: { dns: string; smtpPort: number; receivedLog: string } | null;
  /** File of the console's certificate, where it serves HTTPS. */
  consoleCertificate: string | null;
  processes: Record<string, ProcessId>;
};

const path = (dataDir: string): string => join(dataDir, 'run.json');

export function writeRunFile(dataDir: string, run: RunFile): void {
  writePrivateFile(path(dataDir), `${JSON.stringify(run, null, 2)}\n`);
}

export function removeRunFile(dataDir: string): void {
  rmSync(path(dataDir), { force: true });
}

/** The run of this data folder whose supervisor is alive, or null. */
export function currentRun(dataDir: string): RunFile | null {
  let run: RunFile;
  try {
    // Written by ourselves, whole or not at all, into a folder of our own.
    run = JSON.parse(readFileSync(path(dataDir), 'utf8')) as RunFile;
  } catch {
    return null;
  }
  const supervisor = run.processes['supervisor'];
  return supervisor !== undefined && isAlive(supervisor) ? run : null;
}
