// A text of the configuration as sections of entries, read on a thread of its own (parse-thread.ts) that also knows where each part stands.
import { Worker } from 'node:worker_threads';
import { configFormat, configSections, type ConfigSection } from '@sluice/contract';
import type { ConfigFinding } from '@sluice/contract/api';
import { Refusal } from '../../refusal.ts';

/** From 1. */
export type Place = { line: number; column: number };
export type ToThread = { id: number; path: string[] };
export type FromThread =
  | { kind: 'broken'; problems: (Place & { message: string })[] }
  /** `scalar`: what stands there instead of entries. */
  | { kind: 'section'; section: string; entries: boolean; scalar: unknown }
  | { kind: 'entries'; section: string; entries: [string, unknown][] }
  | { kind: 'place'; id: number; place: Place }
  | { kind: 'end' };

/** A text is refused that takes longer: one of the largest size takes about ten seconds. */
const parseLimitMs = 18_000;
const heapLimitMb = 1_024;

export class ParsedText {
  /** Sections that the text has, each with its entries as they stand there; not checked yet. */
  readonly sections: ReadonlyMap<ConfigSection, Map<string, unknown>>;
  /** What makes the text unreadable. */
  readonly findings: readonly ConfigFinding[];
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (place: Place) => void>();
  #asked = 0;

  constructor(worker: Worker, sections: ReadonlyMap<ConfigSection, Map<string, unknown>>, findings: readonly ConfigFinding[]) {
    this.#worker = worker;
    this.sections = sections;
    this.findings = findings;
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'place') this.#waiting.get(message.id)?.(message.place);
    });
  }

  /** Where the last part of `path` that is there stands. */
  placeOf(path: readonly string[]): Promise<Place> {
    const id = (this.#asked += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, (place) => {
        this.#waiting.delete(id);
        resolve(place);
      });
      this.#worker.postMessage({ id, path: [...path] } satisfies ToThread);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Close it when done. Throws a `Refusal` when it cannot be read in time. */
export async function parseText(text: string): Promise<ParsedText> {
  const worker = new Worker(new URL('./parse-thread.ts', import.meta.url), {
    workerData: { text },
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMb },
  });
  const sections = new Map<string, Map<string, unknown>>();
  const broken: { line: number; column: number; message: string }[] = [];
  const odd: { section: string }[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Refusal('BAD_REQUEST', 'the text takes too long to read: apply it section by section')),
        parseLimitMs,
      );
      const end = (how: () => void) => {
        clearTimeout(late);
        how();
      };
      worker.on('error', (error) => end(() => reject(error)));
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'broken') {
          broken.push(...message.problems);
          end(resolve);
        }
        if (message.kind === 'section') {
          sections.set(message.section, message.section === 'sluice' ? new Map([['', message.scalar]]) : new Map());
          if (!message.entries) odd.push({ section: message.section });
        }
        if (message.kind === 'entries') for (const [name, entry] of message.entries) sections.get(message.section)?.set(name, entry);
        if (message.kind === 'end') end(resolve);
      });
    });
    return await checked(worker, sections, broken, odd);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

const finding = (place: Place, about: string, message: string): ConfigFinding => ({ level: 'error', about, field: '', message, ...place });

async function checked(
  worker: Worker,
  sections: Map<string, Map<string, unknown>>,
  broken: readonly (Place & { message: string })[],
  odd: readonly { section: string }[],
): Promise<ParsedText> {
  const findings: ConfigFinding[] = broken.map(({ message, ...place }) => finding(place, 'the text', message));
  const known = new Map<ConfigSection, Map<string, unknown>>();
  for (const section of configSections) {
    const entries = sections.get(section);
    if (entries) known.set(section, entries);
  }
  const parsed = new ParsedText(worker, known, findings);
  if (broken.length > 0) return parsed;
  const format = sections.get('sluice')?.get('');
  if (format !== configFormat) {
    const message =
      format === undefined ? `its first line is expected to be sluice: ${configFormat}` : `this version reads sluice: ${configFormat} only`;
    findings.push(finding(await parsed.placeOf(['sluice']), 'the text', message));
  }
  const names: readonly string[] = configSections;
  for (const section of sections.keys())
    if (section !== 'sluice' && !names.includes(section))
      findings.push(
        finding(await parsed.placeOf([section]), 'the text', `there is no section ${section}; expected one of ${names.join(', ')}`),
      );
  for (const { section } of odd)
    if (names.includes(section))
      findings.push(finding(await parsed.placeOf([section]), section, 'entries by name are expected, or {} for none'));
  return parsed;
}
