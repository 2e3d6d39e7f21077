// Runs one tool of the quality gates as a child and answers with its exit code, output and time.
import { spawn } from 'node:child_process';

export type GateResult = { name: string; ok: boolean; output: string; seconds: number };

export function runTool(name: string, command: string, args: readonly string[], cwd: string): Promise<GateResult> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    // No tool calls home.
    const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const end = (ok: boolean): void => resolve({ name, ok, output: output.trim(), seconds: (performance.now() - startedAt) / 1000 });
    child.once('error', (error) => {
      output += error.message;
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
}
