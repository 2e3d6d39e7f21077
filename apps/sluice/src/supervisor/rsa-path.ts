// OpenSSL has several ways to compute an RSA signature and chooses by what the processor can do, not by what is fast on it: where both ADX
// and AVX2 are there it takes the first, which AMD's Zen 3 runs a quarter slower than the second. A signature is the dearest thing that a
// message costs, so both are tried at the start, each in a process of its own, and the engine gets the better. See docs/adr/0018.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { childEnvironment, environment } from '../env.ts';

/** OpenSSL's own setting: a colon, then the bits of CPUID leaf 7, EBX; bit 19 is ADX. OPENSSL_ia32cap(3). */
const withoutAdx = ':~0x80000';
const setting = 'OPENSSL_ia32cap';
const triesEach = 4;
/** A gain below this may be chance; what OpenSSL's authors chose stays. */
const minGain = 1.08;
const tryLimitMs = 5_000;

/** Signs for a fixed time and writes how many signatures a millisecond took. */
const script = `
const { generateKeyPairSync, sign } = require('node:crypto');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const data = Buffer.alloc(600);
let count = 0;
const from = performance.now();
while (performance.now() - from < 100) { sign('sha256', data, privateKey); count += 1; }
process.stdout.write(String(count / (performance.now() - from)));`;

function signaturesPerMs(capability: string | null): Promise<number> {
  const env = childEnvironment(capability === null ? {} : { [setting]: capability });
  return new Promise((resolve) =>
    execFile(process.execPath, ['-e', script], { env, timeout: tryLimitMs }, (error, output) => resolve(error ? 0 : Number(output))),
  );
}

/** True where OpenSSL has the choice: AVX2 and ADX, and not AVX-512 IFMA, which beats both and is taken first. */
export function hasChoice(cpuFlags: string): boolean {
  const flags = new Set(cpuFlags.split(/\s+/));
  return flags.has('adx') && flags.has('avx2') && !flags.has('avx512ifma');
}

/** The faster by the best of several tries; ties and near ties go to OpenSSL's own choice. Signatures a millisecond. */
export function fasterPath(own: readonly number[], masked: readonly number[]): 'own' | 'masked' {
  return Math.max(...masked) >= minGain * Math.max(...own) ? 'masked' : 'own';
}

function cpuFlags(): string {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** What the engine's environment needs for the fastest signatures here. What the operator has set stays. Takes half a second to two. */
export async function fastestRsa(): Promise<Record<string, string>> {
  const chosen = environment[setting];
  if (chosen !== undefined) return { [setting]: chosen };
  if (!hasChoice(cpuFlags())) return {};
  const own: number[] = [];
  const masked: number[] = [];
  for (let n = 0; n < triesEach; n++) {
    own.push(await signaturesPerMs(null));
    masked.push(await signaturesPerMs(withoutAdx));
  }
  return fasterPath(own, masked) === 'masked' ? { [setting]: withoutAdx } : {};
}
