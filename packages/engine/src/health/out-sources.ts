// Sources that are out of their pools, and the file in which they stay so over a restart: one line each, replaced as a whole whenever one
// goes or comes. What cannot be written is written with the next change; until then a crash would only have the source tried again.
import { unfitReason, type SourceBody, type UnfitReason } from '@sluice/contract';
import type { RecordFile } from '../config/record-file.ts';
import type { RouteHost } from '../egress-path.ts';
import type { EngineLog } from '../ports.ts';

/** Hosts that did not answer, kept for probes. */
export const hostsKept = 4;
const maxDetail = 500;

export type Out = {
  readonly sourceId: string;
  /** Address and proxy that were found unfit: a source that is given others is another one. */
  readonly identity: string;
  readonly reason: UnfitReason;
  readonly detail: string;
  readonly sinceMs: number;
  /** Failed probes so far. */
  probes: number;
  nextProbeMs: number;
  lastProbe: string | null;
  readonly hosts: readonly RouteHost[];
};

export function identityOf({ bindAddress, proxy }: Pick<SourceBody, 'bindAddress' | 'proxy'>): string {
  return JSON.stringify([bindAddress, proxy?.kind ?? null, proxy?.host ?? null, proxy?.port ?? null, proxy?.username ?? null]);
}

export class OutSources {
  readonly #file: RecordFile | null;
  readonly #log: EngineLog;
  readonly #out = new Map<string, Out>();
  #stale = false;
  #writing: Promise<void> | null = null;

  constructor(file: RecordFile | null, log: EngineLog) {
    this.#file = file;
    this.#log = log;
  }

  async load(): Promise<void> {
    for (const line of (await this.#file?.read()) ?? []) {
      const out = outOf(line);
      if (out) this.#out.set(out.sourceId, out);
      else this.#log.warn('a stored source that is out cannot be read; it is used until it fails again', {});
    }
  }

  get size(): number {
    return this.#out.size;
  }

  get(sourceId: string): Out | undefined {
    return this.#out.get(sourceId);
  }

  all(): Out[] {
    return [...this.#out.values()];
  }

  put(out: Out): void {
    this.#out.set(out.sourceId, out);
    this.#save();
  }

  remove(sourceId: string): void {
    if (this.#out.delete(sourceId)) this.#save();
  }

  /** Resolves when what is known is on disk, as far as it can be written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #save(): void {
    this.#stale = true;
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
  }

  async #write(): Promise<void> {
    while (this.#stale && this.#file) {
      this.#stale = false;
      const lines = this.all().map((out) => JSON.stringify(out));
      try {
        await this.#file.replace(lines);
      } catch (error) {
        return this.#log.warn('which sources are out could not be kept on disk', { error: String(error) });
      }
    }
  }
}

/** Read with care: the file may be of another version. */
function outOf(line: string): Out | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { sourceId, identity, reason, detail, sinceMs, probes, hosts }: Partial<Record<keyof Out, unknown>> = value;
  const known = unfitReason.safeParse(reason);
  if (typeof sourceId !== 'string' || typeof identity !== 'string' || !known.success || typeof sinceMs !== 'number') return null;
  return {
    ...{ sourceId, identity, reason: known.data, sinceMs, detail: typeof detail === 'string' ? detail.slice(0, maxDetail) : '' },
    ...{ probes: typeof probes === 'number' ? probes : 0, nextProbeMs: 0, lastProbe: null },
    hosts: Array.isArray(hosts) ? hosts.flatMap(hostOf).slice(0, hostsKept) : [],
  };
}

function hostOf(value: unknown): RouteHost[] {
  if (typeof value !== 'object' || value === null) return [];
  const { name, address, port, reach }: Partial<Record<keyof RouteHost, unknown>> = value;
  if (typeof name !== 'string' || typeof address !== 'string' || typeof port !== 'number') return [];
  const known = (['public', 'private', 'any'] as const).find((one) => one === reach);
  return [{ name, address, port, ...(known && { reach: known }) }];
}
